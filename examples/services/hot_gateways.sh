#!/bin/sh
# Says gateway_hot when a gateway's pressure rises above a limit, and again only after it was below it.
# Needs redis-cli and awk:   . runs/latest/env; examples/services/hot_gateways.sh
limit=${hot_gateways_limit:-0.1}
hot=" "

on_bus() { redis-cli -h "${galileo_redis_host:-localhost}" -p "${galileo_redis_port:-6379}" "$@"; }
field() { printf '%s' "$2" | sed -n "s/.*\"$1\" *: *\"\{0,1\}\([^,\"}]*\).*/\1/p"; }

on_bus subscribe galileo/events | while read -r _ name value; do # a frame is: <unix time> <name> <JSON>
    [ "$name" = api_pressure ] || continue
    node=$(field node "$value") zone=$(field zone "$value") pressure=$(field value "$value")
    was_hot=false
    case $hot in *" $node "*) was_hot=true ;; esac
    if awk "BEGIN { exit !($pressure > $limit) }"; then
        [ $was_hot = true ] && continue
        hot="$hot$node "
        json="{\"node\": \"$node\", \"zone\": \"$zone\", \"value\": $pressure, \"limit\": $limit}"
        on_bus publish galileo/events "$(date +%s) gateway_hot $json" </dev/null >/dev/null
    else
        hot=$(printf '%s' "$hot" | sed "s/ $node / /")
    fi
done
