"""Creates and deletes pods as `scale_schedule` decisions ask for: once per decision, however often it is delivered."""
