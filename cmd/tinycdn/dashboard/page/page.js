"use strict";
// The page of tinycdn's dashboard. What comes from the POP is only ever written as text. The token is kept for this tab alone, and goes
// into a header: another page, or another server on this machine, has no way to use it.
(() => {
const $ = id => document.getElementById(id);
let token = sessionStorage.getItem("token") || "";
let state = null, stopped = false;

const ask = (path, options = {}) => fetch(path, {...options, headers: {...options.headers, Authorization: "Bearer " + token}, cache: "no-store", credentials: "omit", redirect: "error"});

// make makes an element of text and others.
const make = (name, attributes = {}, ...inside) => {
	const e = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== "") e.setAttribute(key, value);
	e.append(...inside.filter(x => x !== null && x !== undefined));
	return e;
};

// table fills one, unless it shows that already: whoever reads in it, or has a button of it in focus, is left in peace.
const shown = {};
const table = (id, heads, rows, empty) => {
	const now = JSON.stringify([heads, rows]);
	if (shown[id] === now) return;
	shown[id] = now;
	const focus = $(id).contains(document.activeElement) && document.activeElement.dataset.key;
	if (rows.length == 0) return $(id).replaceChildren(make("tbody", {}, make("tr", {}, make("td", {class: "soft"}, empty))));
	const head = make("tr", {}, ...heads.map(h => make("th", {scope: "col", class: h[1]}, h[0])));
	const body = rows.map(row => make("tr", {}, ...row.map((c, i) => cell(c, i, heads[i][1]))));
	$(id).replaceChildren(make("thead", {}, head), make("tbody", {}, ...body));
	if (focus) for (const b of $(id).querySelectorAll("button")) if (b.dataset.key == focus) b.focus();
};
const cell = (c, i, kind) => {
	if (typeof c != "object" || c === null) c = {text: c};
	const e = make(i == 0 ? "th" : "td", {scope: i == 0 ? "row" : "", class: kind});
	if (c.act) {
		const b = make("button", {type: "button", "data-key": c.key, "aria-label": c.act + " " + c.key}, (c.short || c.act) + "…");
		b.addEventListener("click", () => acts[c.act](c.key));
		e.append(b);
		return e;
	}
	e.append(make("span", {class: c.kind}, String(c.text ?? "–")));
	for (const why of [].concat(c.why || [])) e.append(make("span", {class: "why"}, why));
	return e;
};

const number = n => n === null || n === undefined ? "–" : n < 10 && n % 1 ? n.toFixed(1) : Math.round(n).toLocaleString("en");
const isTime = text => text && !text.startsWith("0001-");
const time = text => {
	if (!isTime(text)) return "";
	const t = new Date(text), today = new Date().toDateString() == t.toDateString();
	return today ? t.toLocaleTimeString("en-GB") : t.toLocaleString("en-GB", {dateStyle: "medium", timeStyle: "short"});
};
const since = text => isTime(text) ? "since " + time(text) : "";
const say = (id, text) => { if ($(id).textContent != text) $(id).textContent = text; };

const kinds = {up: "good", down: "bad", drained: "warn", "in doubt": "warn", DOWN: "bad", failing: "warn"};
const kindOf = text => kinds[text] || (/DOWN/.test(text) ? "bad" : /failing/.test(text) ? "warn" : "good");

const show = s => {
	state = s;
	document.title = s.pop + " · tinycdn";
	say("pop", s.pop);
	const g = s.generation;
	say("facts", [s.version, isTime(s.started) && "up since " + time(s.started), g && "generation " + g.served + (isTime(g.since) ? " since " + time(g.since) : "") + (g.canary ? ", a canary" : "")].filter(Boolean).join(" · "));
	showWell(s);
	$("s-wrong").hidden = s.wrong.length == 0;
	if (shown.wrong !== JSON.stringify(s.wrong)) {
		shown.wrong = JSON.stringify(s.wrong);
		$("wrong").replaceChildren(...s.wrong.map(w => make("li", {}, make("strong", {class: w.dark ? "bad" : "warn"}, w.what), w.why ? ": " + w.why : "", isTime(w.since) ? " (" + since(w.since) + ")" : "")));
	}
	const heads = [["POP"], ["State"]];
	if (g) heads.push(["Generation", "number"], ["Questions/s", "number"], ["From here", "number"], ["Version"]);
	table("pops", heads.concat([["", "act"]]), s.pops.map(p => {
		const row = [{text: p.name, why: p.here ? "this one" : ""}, {text: p.state, kind: kinds[p.state], why: [p.drained, p.why, p.state == "up" ? "" : since(p.since)].filter(Boolean)}];
		if (g) row.push({text: p.generation || "–", kind: p.generation == g.live ? "" : "warn"}, number(p.load), p.rtt_ms === null ? "–" : number(p.rtt_ms) + " ms", p.version || "–");
		return row.concat([{act: p.drained == "" ? "Drain" : "Undrain", key: p.name}]);
	}), "The configuration names no POPs.");
	const by = s.pops.map(p => p.name).filter(name => s.pops.some(p => p.seen && p.seen[name]));
	table("seen", [["POP"]].concat(by.map(name => ["by " + name])), by.length == 0 ? [] : s.pops.map(p => [p.name].concat(by.map(name => {
		const c = p.seen && p.seen[name];
		return c ? {text: c.text, kind: kindOf(c.text), why: c.why} : "–";
	}))), "No POP looks at others.");
	table("certs", [["Name"], ["Days left", "number"]], s.certificates.map(c => [{text: c.name, why: c.why}, {text: isTime(c.until) ? c.days : "–", kind: c.days < 7 ? "bad" : c.days < 21 ? "warn" : ""}]), "There are none.");
	table("reloads", [["At"], ["What"], ["Took", "number"]], s.reloads.map(r => [time(r.at), {text: r.errors.length ? r.what + ": not all was taken over" : r.what, kind: r.errors.length ? "bad" : "", why: r.errors}, r.seconds < 1 ? Math.round(r.seconds * 1000) + " ms" : r.seconds.toFixed(1) + " s"]), "None since the start.");
	showChoice(s);
	showMap(s);
	showGenerations(s);
};

const showWell = s => {
	const out = s.pops.filter(p => p.state == "down").map(p => p.name), drained = s.pops.filter(p => p.drained).map(p => p.name), parts = [];
	if (out.length) parts.push(out.join(", ") + (out.length > 1 ? " are" : " is") + " down");
	if (drained.length) parts.push(drained.join(", ") + (drained.length > 1 ? " are" : " is") + " drained");
	if (s.generation && s.generation.served != s.generation.live) parts.push("behind: generation " + s.generation.live + " is live");
	if (s.wrong.length) parts.push(s.wrong.length == 1 ? "1 thing is not as it should be" : s.wrong.length + " things are not as they should be");
	say("well", parts.length ? parts.join("; ") : "All is well");
	$("well").className = parts.length ? "warn" : "good";
};

// showChoice offers the maps, if there are several.
const showChoice = s => {
	const maps = s.maps || [];
	$("choose").hidden = maps.length < 2;
	if (shown.maps === JSON.stringify(maps)) return;
	shown.maps = JSON.stringify(maps);
	const is = $("which").value;
	$("which").replaceChildren(...maps.map(name => make("option", {}, name)));
	if (maps.includes(is)) $("which").value = is;
};

let drawn = null, scene = null, drawing = null;
// showMap has the chosen one drawn, unless it is.
const showMap = s => {
	const map = $("which").value, is = map + " " + s.drawn;
	if (drawn !== is) drawing = drawMap(map, drawn = is);
	return drawing;
};
const drawMap = async (map, is) => {
	spot(null);
	$("nomap").className = "soft";
	if (!map) { $("picture").hidden = true; return say("nomap", "There is no [maps.NAME], so nobody is sent anywhere."); }
	if ($("picture").hidden) say("nomap", "The map is being drawn…");
	try {
		const answer = await ask("/dashboard/map.svg?" + new URLSearchParams({map}));
		if (!answer.ok) throw new Error(await answer.text());
		const blob = await answer.blob();
		const box = (await blob.text()).match(/viewBox="0 0 (\d+) (\d+)"/);
		if (drawn !== is) return; // another one was chosen meanwhile
		scene = {width: +box[1], height: +box[2]};
		const old = $("picture").src;
		$("picture").src = URL.createObjectURL(blob);
		await $("picture").decode();
		if (old) URL.revokeObjectURL(old);
		$("picture").alt = "A map of the world: the places that the databases know, in the colours of the POPs that map " + map + " sends them to";
		$("picture").hidden = false;
		$("spot").setAttribute("viewBox", "0 0 " + scene.width + " " + scene.height);
		say("nomap", "");
	} catch (error) {
		if (drawn === is) drawn = null;
		say("nomap", "The map cannot be drawn: " + error.message);
		$("nomap").className = "bad";
	}
};
$("which").addEventListener("change", () => { $("decision").hidden = true; showMap(state); });

const lines = {questions: [], pages: []};
const move = m => {
	for (const id of ["questions", "pages"]) {
		say(id, number(m[id]));
		if (m[id] === null) continue;
		const list = lines[id];
		list.push(m[id]);
		if (list.length > 61) list.shift();
		const most = Math.max(1, ...list);
		$("l-" + id).firstChild.setAttribute("d", list.length < 2 ? "" : list.map((n, i) => (i ? "L" : "M") + (120 - 2 * (list.length - 1 - i)) + " " + (26.5 - 25 * n / most).toFixed(1)).join(""));
	}
	say("hits", m.hits === null ? "–" : (100 * m.hits).toFixed(m.hits > 0.99 && m.hits < 1 ? 1 : 0) + " %");
	say("open", number(m.open));
	const all = (m.countries || []).reduce((sum, c) => sum + c.questions, 0);
	table("countries", [["Country"], ["Since the start, estimated", "number"]], (m.countries || []).map(c => [c.code, c.questions.toLocaleString("en") + " (" + Math.round(100 * c.questions / all) + " %)"]), "No question was for anybody yet.");
};

const counted = c => [c.name || "unknown", c.views.toLocaleString("en"), c.visitors.toLocaleString("en")];
// showVisits tells who came on the days that are chosen.
const showVisits = async () => {
	try {
		const answer = await ask("/dashboard/visits?" + new URLSearchParams({days: $("days").value}));
		if (!answer.ok) throw new Error((await answer.text()).trim());
		const v = await answer.json();
		$("visits").hidden = v.off != "";
		if (v.off) return say("uncounted", v.off[0].toUpperCase() + v.off.slice(1) + ".");
		say("uncounted", "");
		for (const [id, head, list] of [["days", "Day", v.days], ["pages", "Page", v.pages], ["countries", "Country", v.countries], ["referrers", "Referrer", v.referrers]])
			table("v-" + id, [[head], ["Views", "number"], ["Visitors", "number"]], list.map(counted), head == "Referrer" ? "Nobody came by a link." : "Nobody came yet.");
		table("v-names", [["Name"], ["Questions, estimated", "number"]], v.names.map(n => [n.name, n.views.toLocaleString("en")]), "No name was asked for yet.");
		say("sources", v.sources.length ? "Countries: " + v.sources.join("; ") : "");
	} catch (error) {
		say("uncounted", "Who came cannot be told: " + error.message);
	}
};
$("days").addEventListener("change", showVisits);
setInterval(() => { if (state && token && !document.hidden) showVisits(); }, 60000);

const rollsBack = document.documentElement.dataset.rollback;
// showGenerations lists them anew when another is live, or live elsewhere.
const showGenerations = async s => {
	const now = s.generation && JSON.stringify([s.generation.live, s.generation.canary, s.pops.map(p => p.generation)]);
	if (shown.generation === now) return;
	shown.generation = now;
	if (!($("s-generations").hidden = !s.generation)) try {
		const answer = await ask("/dashboard/generations");
		if (!answer.ok) throw new Error((await answer.text()).trim());
		listGenerations(await answer.json());
	} catch (error) {
		shown.generation = null;
		say("elsewhere", "Generations cannot be told: " + error.message);
	}
};

let live = 0;
const listGenerations = list => {
	const canary = list.find(g => g.canary), heads = [["Generation"], ["When"], ["By"], ["What changed"], ["Live at"]];
	live = (list.find(g => g.live) || {number: 0}).number;
	table("generations", rollsBack == "yes" ? heads.concat([["", "act"]]) : heads, list.map(g => {
		const changed = g.changed && g.changed.length ? g.changed.concat(g.more ? "and " + g.more + " more" : []) : [];
		const row = [{text: g.number, why: g.live ? "live" : g.canary ? "a canary" : ""}, time(g.at), g.by, {text: g.note || (g.changed ? changed.length ? "" : "no file" : g.files + " files"), why: changed}, g.live_at.join(" ") || "–"];
		if (rollsBack != "yes") return row;
		// Where a canary stands, it is taken back first.
		return row.concat([canary ? g.live ? {act: "Take back generation", short: "Take back", key: canary.number} : "" : g.live ? "" : {act: "Roll back to generation", short: "Roll back", key: g.number}]);
	}), "Nothing has been published yet.");
	say("elsewhere", rollsBack == "yes" ? "" : rollsBack);
};

// order has something done about generations, and tells line by line what is said of it.
const order = async (what, tell) => {
	const answer = await ask("/dashboard/rollback", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(what)});
	if (!answer.ok) throw new Error((await answer.text()).trim());
	const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
	for (let rest = "", end = null;;) {
		const {value, done} = await reader.read();
		if (done) { if (end) return end; throw new Error("tinycdn dashboard has ended; tinycdn history tells what became of it"); }
		const told = (rest + value).split("\n");
		rest = told.pop();
		for (const one of told) { const o = JSON.parse(one); if (o.say === undefined) end = o; else tell(o.say); }
	}
};

const outcomes = {0: "Done.", 3: "Live at a majority of the POPs; the others will follow.", 4: "Nothing was changed: something else is live than was looked at.", 5: "Nothing was changed: fewer than a majority of the POPs could be reached.", 6: "Nothing was changed: much would go by it."};
const outcome = end => (outcomes[end.status] || "It ended with " + end.status + ".") + (end.error ? " " + end.error : "");

// askForRollBack shows what would change, and does it if that is wanted.
const askForRollBack = async (name, to, act) => {
	const dialog = $("back"), says = $("back-says"), go = $("back-go"), seen = live;
	const tell = text => { says.hidden = false; says.append(text + "\n"); says.scrollTop = says.scrollHeight; };
	const run = async (what, done) => {
		go.disabled = true;
		says.replaceChildren();
		says.hidden = true;
		try { done(await order({to, live: seen, ...what}, tell)); } catch (error) { say("back-state", "That did not work: " + error.message); }
	};
	say("back-what", name + "?");
	go.textContent = act;
	go.hidden = false;
	$("back-much").hidden = true;
	$("back-yes").checked = false;
	$("back-no").textContent = "Cancel";
	$("back-no").onclick = () => dialog.close();
	dialog.showModal();
	$("back-no").focus();
	say("back-state", "What would change is being found out…");
	go.onclick = () => {
		say("back-state", "It is being done…");
		return run({yes: $("back-yes").checked}, end => {
			say("back-state", outcome(end));
			go.disabled = !($("back-much").hidden = end.status != 6) && !$("back-yes").checked;
			go.hidden = end.status != 6;
			$("back-no").textContent = "Close";
			$("back-no").focus();
		});
	};
	$("back-yes").onchange = () => { go.disabled = !$("back-yes").checked; };
	await run({dry: true}, end => {
		say("back-state", end.status == 0 ? "This would change at all POPs. The folder here stays as it is." : outcome(end));
		go.disabled = end.status != 0;
	});
};

const acts = {
	"Drain": pop => askForDrain(pop, true), "Undrain": pop => askForDrain(pop, false),
	"Roll back to generation": n => askForRollBack("Roll back to generation " + n, n, "Roll back to " + n),
	"Take back generation": n => askForRollBack("Take back the canary, generation " + n, live, "Take back " + n),
};

const askForDrain = (pop, drained) => {
	const dialog = $("ask");
	$("ask-what").textContent = (drained ? "Drain " : "Undrain ") + pop + "?";
	const others = state.pops.filter(p => p.name != pop && p.state != "down" && !p.drained).map(p => p.name).join(", ");
	$("ask-why").textContent = drained
		? (others ? "Its visitors go to " + others + " as the TTLs of their answers run out." : "No other POP is up: its visitors stay, whatever is said here.")
		: "It gets its visitors again.";
	if (state.alone) $("ask-why").textContent += " This holds at " + state.pop + " alone: say it to the others, too.";
	$("ask-time").hidden = !drained;
	$("ask-yes").textContent = drained ? "Drain " + pop : "Undrain " + pop;
	dialog.returnValue = "";
	dialog.onclose = async () => {
		if (dialog.returnValue != "yes") return;
		say("drained", "…");
		try {
			const answer = await ask("/.well-known/tinycdn/drain", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({pop, drained, for: drained ? +$("during").value * 1e9 : 0})});
			if (!answer.ok) throw new Error(await answer.text());
			const d = await answer.json();
			say("drained", pop + (drained ? " is drained" : " is drained no longer") + (d.silent && d.silent.length ? "; " + d.silent.join(", ") + " not told yet" : "") + (d.lost ? "; this POP has no state folder, and forgets it at a restart" : "") + ".");
			show(await (await ask("/dashboard/state")).json());
		} catch (error) {
			say("drained", "That did not work: " + error.message);
		}
	};
	dialog.showModal();
	$("ask-no").focus();
};

// spot shows where an address is, and the way to its POP.
const spot = (at, to) => {
	$("spot").toggleAttribute("hidden", at === null);
	if (at === null) return;
	for (const c of $("spot").querySelectorAll("circle")) { c.setAttribute("cx", at.x); c.setAttribute("cy", at.y); }
	const lift = to ? Math.hypot(to.x - at.x, to.y - at.y) / 5 : 0;
	$("way").setAttribute("d", to ? "M" + at.x + " " + at.y + "Q" + (at.x + to.x) / 2 + " " + ((at.y + to.y) / 2 - lift) + " " + to.x + " " + to.y : "");
};

$("explain").addEventListener("submit", async event => {
	event.preventDefault();
	spot(null);
	try {
		const answer = await ask("/dashboard/explain?" + new URLSearchParams({address: $("address").value.trim(), name: $("name").value.trim(), map: $("which").value}));
		$("decision").hidden = false;
		if (!answer.ok) return say("decision", (await answer.text()).trim());
		const e = await answer.json();
		say("decision", e.text.trim());
		if ([...$("which").options].some(o => o.value == e.map)) $("which").value = e.map;
		await showMap(state);
		if (e.at && scene) spot(e.at, e.to);
	} catch (error) {
		$("decision").hidden = false;
		say("decision", "That did not work: " + error.message);
	}
});

const leave = why => {
	token = "";
	sessionStorage.removeItem("token");
	$("all").hidden = true;
	$("enter").hidden = false;
	say("refused", why);
	say("well", "");
	$("token").focus();
};

$("enter").addEventListener("submit", event => {
	event.preventDefault();
	token = $("token").value.trim();
	$("token").value = "";
	begin().catch(failed);
});

// listen reads server-sent events by fetch: EventSource sends no header.
const listen = async () => {
	const answer = await ask("/dashboard/events");
	if (answer.status == 401) return leave("The token is not taken any more.");
	if (!answer.ok) throw new Error((await answer.text()).trim());
	const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
	for (let rest = "";;) {
		const {value, done} = await reader.read();
		if (done) throw new Error("the POP does not answer");
		const events = (rest + value).split("\n\n");
		rest = events.pop();
		for (const event of events) {
			const [, name, data] = event.match(/^event: (\w+)\ndata: (.*)/) || [];
			if (name == "state") show(JSON.parse(data));
			if (name == "moves") move(JSON.parse(data));
		}
	}
};

const begin = async () => {
	const answer = await ask("/dashboard/state");
	if (answer.status == 401) return leave(token ? "That is not the token." : "");
	if (!answer.ok) return say("well", "The POP answers: " + (await answer.text()).trim());
	sessionStorage.setItem("token", token);
	$("enter").hidden = true;
	$("all").hidden = false;
	show(await answer.json());
	showVisits();
	while (token) {
		try { await listen(); } catch (error) {
			if (stopped) return;
			say("well", "No news: " + error.message + ". It is asked again.");
			$("well").className = "bad";
			await new Promise(again => setTimeout(again, 2000));
			if (state) showWell(state);
		}
	}
};

const failed = error => { say("well", "This does not work: " + error.message); $("well").className = "bad"; };
addEventListener("pagehide", () => { stopped = true; });
// Whoever comes from tinycdn dashboard has a code that is good once.
const once = location.hash.match(/^#once=(\w+)$/);
if (once) {
	history.replaceState(null, "", location.pathname);
	fetch("/dashboard/enter", {method: "POST", body: once[1], credentials: "omit"}).then(async answer => {
		if (answer.ok) token = (await answer.text()).trim();
		if (!answer.ok && !token) return leave("This address was good once. End tinycdn dashboard, and start it again.");
		return begin();
	}).catch(failed);
} else begin().catch(failed);
})();
