// A stand-in for the server while the page is developed: same addresses, made-up numbers. Never shipped.
import { createServer } from "node:http";
import { readFileSync, readdirSync, existsSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { parse } from "yaml";
import { WebSocketServer } from "ws";

const root = join(import.meta.dirname, "../..");
const policy = join(root, "src/fourfronts/policy");
const built = join(root, "src/fourfronts/web/static");
const yaml = (path) => parse(readFileSync(join(policy, path), "utf8"));
const folder = (name) => readdirSync(join(policy, name)).filter((file) => file.endsWith(".yaml")).map((file) => yaml(`${name}/${file}`));

const months = Array.from({ length: 108 }, (_, i) => `${2020 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`);
const packages = folder("packages").map((each) => ({ id: each.name, label: each.label, description: each.description, levers: each.levers ?? {} }));
const group = (area) => (area === "prc_response" ? "prc_responses" : area);
const cited = (evidence) => (Array.isArray(evidence) ? evidence : []);
const levers = Object.entries(yaml("levers.yaml")).map(([id, each]) => ({
  id, label: each.label, group: group(each.area), unit: each.unit, low: each.range[0], high: each.range[1],
  today: each.history.at(-1).level, earliest_start: "2026-06", default_start: "2027-01", default_ramp_months: 12,
  meaning: each.meaning, reacts: each.reacts, pulled_by: each.pulled_by, cost: each.cost, evidence: cited(each.evidence),
  marks: packages.filter((one) => one.levers[id]).map((one) => ({ package: one.id, level: one.levers[id].level })),
}));
const blocs = [{ id: "allied", label: "Allied" }, { id: "prc", label: "PRC" }];
const chart = (id, title, unit, series, more = {}) => ({ id, title, unit, scale: "linear", kind: "fan", series, published: false, about: "Made-up numbers.", sources: ["GAP-008", "ECI-009"], ...more });
const charts = [
  chart("lead", "Lead of released models", "months", [{ id: "released", label: "Lead" }], { published: true }),
  chart("compute_by_channel", "PRC usable compute by channel", "H100e", [
    { id: "domestic", label: "Domestic" }, { id: "legal", label: "Legal imports" }, { id: "diverted", label: "Diverted" }, { id: "rented", label: "Rented abroad" },
  ], { kind: "stacked" }),
  chart("compute_ratio", "Allied to PRC usable compute", "ratio", [{ id: "stock_usable_flops", label: "Ratio" }], { scale: "log", published: true }),
  chart("capability", "Capability of released models", "ECI", blocs),
];
const schema = {
  version: "0.1.0", evidence_cutoff: "2026-05-31", evidence_digest: "e".repeat(64), model_digest: "a".repeat(64),
  basis: "Calibrated on evidence up to 2026-05-31.", months, now: "2026-05", draws: { default: 1000, max: 4000 }, seed: { default: 1, max: 4294967295 }, ramp_months: { max: 120 }, levers, packages,
  worldviews: folder("worldviews").map((each) => ({ id: each.name, label: each.label, description: each.description, rationale: each.rationale, couplings: {} })),
  couplings: [],
  groups: [["close_loopholes", "Close the loopholes"], ["defend_models", "Defend the models"], ["champion_exports", "Champion exports and adoption"], ["resilience", "Resilience"], ["prc_responses", "PRC responses"]].map(([id, label]) => ({ id, label })),
  charts, scenarios: [{ id: "commanding-lead", label: "Commanding lead", tests: [] }, { id: "neck-and-neck", label: "Neck and neck", tests: [] }],
  fronts: [["intelligence", "Intelligence", "Lead of released models", "months"], ["adoption", "Domestic adoption", "AI-weighted share of GDP, allied less PRC", "percentage points of GDP"], ["distribution", "Global distribution", "Share of the AI work that the rest of the world buys, allied less PRC", "percentage points"], ["resilience", "Resilience", "Resilience index, allied less PRC", "index points"]].map(([id, label, margin_label, margin_unit]) => ({ id, label, margin_label, margin_unit })),
};

function force(state) {
  const chosen = packages.find((each) => each.id === (state.package ?? "drift"))?.levers ?? {};
  const all = { ...chosen, ...(state.levers ?? {}) };
  return levers.reduce((sum, lever) => sum + (all[lever.id] ? (all[lever.id].level - lever.today) / (lever.high - lever.low) : 0), 0);
}
const fan = (at, spread) => [-1.65, -0.67, 0, 0.67, 1.65].map((z) => months.map((_, i) => at(i) + z * spread(i)));
function answer(state) {
  const push = force(state);
  const later = (i) => Math.max(0, i - 76) / 31;
  const made = {
    lead: { released: fan((i) => 4 + i / 20 + push * 2 * later(i), (i) => 1 + 4 * later(i)) },
    compute_by_channel: Object.fromEntries(["domestic", "legal", "diverted", "rented"].map((id, k) => [id, fan((i) => (2e5 + 4e4 * k) * Math.exp(i / 40) * Math.max(0.05, 1 - (0.2 * push + 0.05 * k) * later(i)), () => 1e4)])),
    compute_ratio: { stock_usable_flops: fan((i) => Math.exp(1.5 + i / 90 + 0.1 * push * later(i)), (i) => 0.5 + later(i)) },
    capability: { allied: fan((i) => 100 + i * 0.7, (i) => 1 + 8 * later(i)), prc: fan((i) => 92 + i * 0.68 - push * later(i), (i) => 1 + 9 * later(i)) },
  };
  const last = made.lead.released.map((row) => row.at(-1));
  const commanding = 1 / (1 + Math.exp(-(push - 1)));
  const neck = (1 - commanding) * 0.4;
  return {
    state, seconds: 0.02,
    headline: { date: state.date ?? "2028-12", lead: { p05: last[0], p25: last[1], p50: last[2], p75: last[3], p95: last[4] }, scenarios: { "commanding-lead": commanding, contested: 1 - commanding - neck, "neck-and-neck": neck }, standard_error: 0.015 },
    fronts: schema.fronts.map((front, k) => ({ id: front.id, allied: 0.9 - k * 0.15, prc: 0.1 + k * 0.1, rest: k * 0.05, margin: { p05: -2 + push, p50: 5 + push, p95: 12 + push }, words: "allied lead likely" })),
    charts: Object.fromEntries((state.charts ?? ["lead", "compute_by_channel"]).map((id) => [id, {
      series: Object.fromEntries(Object.entries(made[id]).map(([key, values]) => [key, { percentiles: [5, 25, 50, 75, 95], values }])), description: "A sentence about the chart.",
    }])),
  };
}
export function frame(request, found) {
  const data = [];
  for (const each of Object.values(found.charts))
    for (const one of Object.values(each.series)) {
      const offset = data.length;
      const shape = [one.values.length, months.length];
      data.push(...one.values.flat());
      one.values = { offset, shape };
    }
  const text = JSON.stringify({ request, answer: found });
  const header = Buffer.from(text + " ".repeat((4 - (Buffer.byteLength(text) % 4)) % 4));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  return Buffer.concat([length, header, Buffer.from(new Float32Array(data).buffer)]);
}

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const server = createServer((request, response) => {
  response.setHeader("Content-Security-Policy", "default-src 'self'");
  const url = new URL(request.url, "http://x");
  const send = (body) => response.setHeader("Content-Type", "application/json").end(JSON.stringify(body));
  if (url.pathname === "/api/v1/schema") return send(schema);
  if (url.pathname === "/api/v1/published")
    return send({ points: [["GAP-008", 2024.4, 8, 6, 11, "ECI"], ["GAP-022", 2026, 7, 4, 14, "expert"]].map(([id, time, value, low, high, method]) => ({ id, time, value, low, high, method, series: "released", as_of: String(time), label: "Made up", source: "Made up", url: "", grade: "D", bound: null })) });
  const file = join(built, url.pathname === "/" ? "index.html" : normalize(url.pathname));
  if (!existsSync(file)) return response.writeHead(404).end();
  response.setHeader("Content-Type", types[extname(file)] ?? "application/octet-stream").end(readFileSync(file));
});
new WebSocketServer({ server, path: "/api/v1/live" }).on("connection", (socket) =>
  socket.on("message", (text) => {
    const { request, state } = JSON.parse(text);
    setTimeout(() => socket.send(frame(request, answer(state))), 15);
  }));
server.listen(Number(process.env.PORT ?? 8778), "127.0.0.1");
