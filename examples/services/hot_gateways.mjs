// Says gateway_hot when a gateway's pressure rises above a limit, and again only after it was below it.
//
//   galileo schemas --out schemas && npm ci
//   . runs/latest/env; node hot_gateways.mjs schemas
//
// Each event is read and written against its JSON Schema, so that a mistake shows here and not in somebody's service.
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import { createClient } from "redis";

const EVENTS = "galileo/events";
const limit = Number(process.env.hot_gateways_limit ?? 0.1);
const folder = process.argv[2] ?? "schemas";
const { galileo_redis_host: host = "localhost", galileo_redis_port: port = "6379" } = process.env;
const url = process.env.galileo_redis_url ?? `redis://${host}:${port}`;

const ajv = new Ajv({ strict: false }); // the schemas hold remarks of Galileo's own, x-galileo-…
const isPressure = ajv.compile(JSON.parse(readFileSync(`${folder}/events/api_pressure.json`, "utf8")));
const isGatewayHot = ajv.compile({
  type: "object",
  properties: { node: { type: "string" }, zone: { type: "string" }, value: { type: "number" }, limit: { type: "number" } },
  required: ["node", "zone", "value", "limit"],
});

const hot = new Set();

/** The decision: whether the gateway is hot now and was not before. */
function rises({ node, value }) {
  const wasHot = hot.has(node);
  if (value > limit) hot.add(node);
  else hot.delete(node);
  return value > limit && !wasHot;
}

/** `<unix time> <name> <JSON>` → name and value; the value is undefined when there is none, or no JSON. */
function split(frame) {
  const [, name, json] = frame.match(/^\s*\S+\s+(\S+)\s*(.*)$/s) ?? [];
  try {
    return { name, value: json ? JSON.parse(json) : undefined };
  } catch {
    return { name };
  }
}

const voice = createClient({ url });
const ear = voice.duplicate();
for (const client of [voice, ear]) client.on("error", (error) => console.error(`the bus is away: ${error.message}`));
await Promise.all([voice.connect(), ear.connect()]);

await ear.subscribe(EVENTS, async (frame) => {
  const { name, value } = split(frame);
  if (name !== "api_pressure") return;
  if (!isPressure(value)) return console.error(`api_pressure is refused: ${ajv.errorsText(isPressure.errors)}`);
  if (!rises(value)) return;
  const said = { node: value.node, zone: value.zone, value: value.value, limit };
  if (value.meta?.id) said.meta = { source: "hot_gateways/node", cause: [value.meta.id] };
  if (!isGatewayHot(said)) return console.error(`gateway_hot is not said: ${ajv.errorsText(isGatewayHot.errors)}`);
  await voice.publish(EVENTS, `${Date.now() / 1000} gateway_hot ${JSON.stringify(said)}`);
});
console.log("listening");

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
