"""What a service of somebody's own still lacks, told without running it.

PLUGIN → subject (module, services, sources, event types) → a list of findings from each check → lines with what to do
"""
