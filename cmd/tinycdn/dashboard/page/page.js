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
	const focus = document.activeElement && document.activeElement.dataset.key;
	if (rows.length == 0) return $(id).replaceChildren(make("tbody", {}, make("tr", {}, make("td", {class: "soft"}, empty))));
	const head = make("tr", {}, ...heads.map(h => make("th", {scope: "col", class: h[1]}, h[0])));
	const body = rows.map(row => make("tr", {}, ...row.map((c, i) => cell(c, i, heads[i][1]))));
	$(id).replaceChildren(make("thead", {}, head), make("tbody", {}, ...body));
	if (focus) for (const b of $(id).querySelectorAll("button")) if (b.dataset.key == focus) b.focus();
};
const cell = (c, i, kind) => {
	if (typeof c != "object" || c === null) c = {text: c};
	const e = make(i == 0 ? "th" : "td", {scope: i == 0 ? "row" : "", class: kind});
	if (c.drain) {
		const b = make("button", {type: "button", "data-key": c.drain, "aria-label": (c.undo ? "Undrain " : "Drain ") + c.drain}, c.undo ? "Undrain…" : "Drain…");
		b.addEventListener("click", () => askForDrain(c.drain, !c.undo));
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
		return row.concat([{drain: p.name, undo: p.drained != ""}]);
	}), "The configuration names no POPs.");
	const by = s.pops.map(p => p.name).filter(name => s.pops.some(p => p.seen && p.seen[name]));
	table("seen", [["POP"]].concat(by.map(name => ["by " + name])), by.length == 0 ? [] : s.pops.map(p => [p.name].concat(by.map(name => {
		const c = p.seen && p.seen[name];
		return c ? {text: c.text, kind: kindOf(c.text), why: c.why} : "–";
	}))), "No POP looks at others.");
	table("certs", [["Name"], ["Days left", "number"]], s.certificates.map(c => [{text: c.name, why: c.why}, {text: isTime(c.until) ? c.days : "–", kind: c.days < 7 ? "bad" : c.days < 21 ? "warn" : ""}]), "There are none.");
	table("reloads", [["At"], ["What"], ["Took", "number"]], s.reloads.map(r => [time(r.at), {text: r.errors.length ? r.what + ": not all was taken over" : r.what, kind: r.errors.length ? "bad" : "", why: r.errors}, r.seconds < 1 ? Math.round(r.seconds * 1000) + " ms" : r.seconds.toFixed(1) + " s"]), "None since the start.");
	showMap(s);
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

let drawn = null, scene = null;
// showMap has it drawn, unless it is; one that takes the POP seconds and memory only once somebody presses a button.
const showMap = async (s, asked) => {
	if (drawn === s.map) return;
	$("draw").hidden = !s.heavy || s.map == "" || Boolean(asked);
	if (!$("draw").hidden) return $("nomap").className == "bad" || say("nomap", drawn ? "It is of before: the tables have changed." : "It takes the POP as long as a start.");
	drawn = s.map;
	$("nomap").className = "soft";
	if (s.map == "") { $("picture").hidden = true; spot(null); return say("nomap", "There is no [maps.NAME], so nobody is sent anywhere."); }
	if ($("picture").hidden) say("nomap", "The map is being drawn…");
	try {
		const answer = await ask("/dashboard/map.svg");
		if (!answer.ok) throw new Error(await answer.text());
		const blob = await answer.blob();
		const box = (await blob.text()).match(/viewBox="0 0 (\d+) (\d+)"/);
		scene = {width: +box[1], height: +box[2]};
		const old = $("picture").src;
		$("picture").src = URL.createObjectURL(blob);
		await $("picture").decode();
		if (old) URL.revokeObjectURL(old);
		$("picture").alt = "A map of the world: the places that the databases know, in the colours of the POPs " + s.pops.map(p => p.name).join(", ");
		$("picture").hidden = false;
		$("spot").setAttribute("viewBox", "0 0 " + scene.width + " " + scene.height);
		say("nomap", "");
	} catch (error) {
		drawn = null;
		say("nomap", "The map cannot be drawn: " + error.message);
		$("nomap").className = "bad";
	}
};

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

$("draw").addEventListener("click", () => showMap(state, true));

// spot shows where an address is.
const spot = at => {
	$("spot").toggleAttribute("hidden", at === null);
	if (at !== null) for (const c of $("spot").children) { c.setAttribute("cx", at.x); c.setAttribute("cy", at.y); }
};

$("explain").addEventListener("submit", async event => {
	event.preventDefault();
	spot(null);
	try {
		const answer = await ask("/dashboard/explain?" + new URLSearchParams({address: $("address").value.trim(), name: $("name").value.trim()}));
		$("decision").hidden = false;
		if (!answer.ok) return say("decision", (await answer.text()).trim());
		const e = await answer.json();
		say("decision", e.text.trim());
		if (e.x !== null && scene) spot(e);
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
