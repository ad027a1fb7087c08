"use strict";
(() => {
  const find = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const make = (name, text = "", facts = {}) => Object.assign(document.createElement(name), { textContent: text, ...facts });

  // --- light and dark ---------------------------------------------------------------------------------
  const themeButton = byId("theme");
  const setTheme = (theme) => {
    document.documentElement.dataset.theme = theme;
    themeButton.textContent = theme === "dark" ? "Light" : "Dark";
  };
  let stored = null;
  try { stored = localStorage.getItem("theme"); } catch { /* the browser forbids it */ }
  setTheme(stored || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  themeButton.hidden = false;
  themeButton.addEventListener("click", () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    setTheme(theme);
    try { localStorage.setItem("theme", theme); } catch { /* not kept */ }
  });

  // --- tables that sort ---------------------------------------------------------------------------------
  const SECONDS = { "µs": 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600 };
  const number = (text) => {
    const found = text.replace(/,/g, "").replace("−", "-").match(/^[^\d-]{0,3}(-?[\d.]+(?:e-?\d+)?)/);
    if (!found) return null;
    const unit = text.trim().split(" ").pop();
    return parseFloat(found[1]) * (SECONDS[unit] ?? 1);
  };
  const sort = (table, head, column) => {
    const rising = head.getAttribute("aria-sort") !== "ascending";
    find("th[aria-sort]", table).forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const text = (row) => row.cells[column].textContent;
    const collator = new Intl.Collator("en", { numeric: true });
    for (const body of table.tBodies) {
      const rows = find("tr:not(.b)", body);
      const numbers = new Map(rows.map((row) => [row, number(text(row))]));
      const numeric = [...numbers.values()].some((each) => each !== null);
      // In a column of numbers the other cells come last, in both directions.
      const last = (row) => numeric && numbers.get(row) === null;
      const order = (a, b) => (numeric ? numbers.get(a) - numbers.get(b) : collator.compare(text(a), text(b)));
      rows.sort((a, b) => last(a) - last(b) || (rising ? 1 : -1) * order(a, b));
      body.append(...rows);
    }
  };
  const makeSortable = (table) => {
    const heads = table.tHead.rows[table.tHead.rows.length - 1].cells;
    [...heads].forEach((head, column) => {
      const button = make("button", head.textContent, { type: "button" });
      button.addEventListener("click", () => sort(table, head, column));
      head.replaceChildren(button);
    });
  };
  find("main table").filter((table) => table.tHead).forEach(makeSortable);

  // --- search -------------------------------------------------------------------------------------------
  const query = byId("query"), found = byId("found"), hits = byId("hits");
  byId("search").hidden = false;
  const blocks = find("[data-find]").map((node) => {
    const copy = node.cloneNode(true);
    find(".anchor, .files, img", copy).forEach((each) => each.remove());
    return { node, name: node.dataset.find, text: copy.textContent.replace(/\s+/g, " ") };
  });
  const clear = () => {
    find("tr.hit").forEach((row) => row.classList.remove("hit"));
    found.replaceChildren();
  };
  const snippet = (text, words) => {
    const at = text.toLowerCase().indexOf(words);
    const part = make("small");
    const start = Math.max(0, at - 40);
    part.append((start ? "… " : "") + text.slice(start, at), make("mark", text.slice(at, at + words.length)),
      text.slice(at + words.length, at + words.length + 60) + " …");
    return part;
  };
  const reveal = (block, words) => {
    for (const row of find("tbody tr", block.node)) {
      row.classList.toggle("hit", row.textContent.toLowerCase().includes(words));
    }
    const row = find("tr.hit", block.node)[0];
    const hidden = row && row.closest("details");
    if (hidden) hidden.open = true;
    if (row) requestAnimationFrame(() => row.scrollIntoView({ block: "center" }));
    found.replaceChildren();
  };
  const show = () => {
    clear();
    const words = query.value.trim().toLowerCase();
    const matches = words ? blocks.filter((each) => each.text.toLowerCase().includes(words)) : [];
    // What is named so comes first: "C1" before "C10" and before mentions.
    const rank = (each) => (each.name.toLowerCase() === words ? 0 : each.name.toLowerCase().includes(words) ? 1 : 2);
    matches.sort((a, b) => rank(a) - rank(b));
    hits.textContent = words ? `${matches.length} found` : "";
    for (const each of matches) {
      const link = make("a", each.name, { href: `#${each.node.id}` });
      link.append(snippet(each.text, words));
      link.addEventListener("click", () => reveal(each, words));
      const item = make("li");
      item.append(link);
      found.append(item);
    }
  };
  query.addEventListener("input", show);
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const first = find("a", found)[0];
    if (first) first.click();
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing) { event.preventDefault(); query.focus(); }
    if (event.key === "Escape" && found.children.length) { clear(); query.focus(); }
  });
  document.addEventListener("click", (event) => { if (!byId("search").contains(event.target)) found.replaceChildren(); });

  // --- the learned graphs -------------------------------------------------------------------------------
  const data = JSON.parse(byId("graphs-data").textContent);
  if (!data) return;
  const SVG = "http://www.w3.org/2000/svg", CENTER = 360;
  const svg = byId("graph"), pick = { dataset: byId("graph-dataset"), method: byId("graph-method"), split: byId("graph-split") };
  const threshold = byId("graph-threshold");
  const signed = (gain) => (gain > 0 ? "+" : "") + gain.toPrecision(3).replace("-", "−") + " %";
  // By characters as a reader counts them: a symbol beyond the basic plane is one.
  const brief = (name) => { const all = [...name]; return all.length > 18 ? all.slice(0, 17).join("") + "…" : name; };
  const plain = (value) => (value === null ? "–" : Number(value.toPrecision(3)).toString());
  const draw = (name, facts, parent) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(facts)) node.setAttribute(key, value);
    parent.append(node);
    return node;
  };
  let state = {}, chosen = null;

  // The choice before stays, by its text, where the new entries have it.
  const fill = (select, entries, start = 0) => {
    const before = select.selectedOptions[0]?.textContent;
    select.replaceChildren(...entries.map(([value, text]) => make("option", text, { value })));
    const same = entries.findIndex(([, text]) => text === before);
    select.selectedIndex = same >= 0 ? same : start;
  };
  const current = () => data.datasets[pick.dataset.value].methods[pick.method.value];
  const choose = () => {
    const { methods, start } = data.datasets[pick.dataset.value];
    fill(pick.method, methods.map((each, i) => [String(i), each.title]), start);
    fill(pick.split, Object.keys(current().graphs).map((k) => [k, k]));
    const dataset = data.datasets[pick.dataset.value], graph = current().graphs[pick.split.value];
    const edges = [];
    for (let i = 0; i < graph.edges.length; i += 3) {
      const [source, target, weight] = graph.edges.slice(i, i + 3);
      edges.push({ source, target, weight });
    }
    state = { tasks: dataset.tasks, graph, edges, top: edges.length ? edges[0].weight : 1 };
    if (chosen !== null && chosen >= state.tasks.length) chosen = null;
    render();
  };

  const place = (task) => {
    const angle = (2 * Math.PI * task) / state.tasks.length - Math.PI / 2;
    return [CENTER + state.ring * Math.cos(angle), CENTER + state.ring * Math.sin(angle), angle];
  };
  const shade = (share) => `hsl(205 ${35 + 35 * share}% ${88 - 52 * share}%)`;

  const drawEdge = ({ source, target, weight }, layer) => {
    const share = weight / state.top, width = Math.max(0.6, 6 * share * state.scale);
    const [x0, y0] = place(source), [x1, y1] = place(target);
    // The two directions of a pair bend differently, so both are visible.
    const pull = source < target ? 0.45 : 0.7;
    const cx = CENTER + ((x0 + x1) / 2 - CENTER) * pull + (pull > 0.5 ? 0 : 1), cy = CENTER + ((y0 + y1) / 2 - CENTER) * pull;
    const along = (x, y, distance) => {
      const length = Math.hypot(cx - x, cy - y) || 1;
      return [x + ((cx - x) * distance) / length, y + ((cy - y) * distance) / length];
    };
    const tip = 4 + 2 * width;
    const [sx, sy] = along(x0, y0, state.radius(source) + 1);
    const [ex, ey] = along(x1, y1, state.radius(target) + 1);
    const [bx, by] = along(x1, y1, state.radius(target) + 1 + tip);
    const [nx, ny] = [(-(ey - by) / tip) * (2 + 0.9 * width), ((ex - bx) / tip) * (2 + 0.9 * width)];
    const group = draw("g", { class: "link", "data-source": source, "data-target": target, opacity: 0.35 + 0.65 * share }, layer);
    draw("path", { class: "edge", d: `M${sx} ${sy}Q${cx} ${cy} ${bx} ${by}`, "stroke-width": width }, group);
    draw("path", { class: "tip", d: `M${ex} ${ey}L${bx + nx} ${by + ny}L${bx - nx} ${by - ny}Z` }, group);
  };

  const describe = (task) => {
    const { tasks, graph } = state;
    const gain = graph.gains && graph.gains[task] !== null ? `, gain ${signed(graph.gains[task])}` : "";
    const count = (end) => state.shown.filter((edge) => edge[end] === task).length;
    return `Task ${tasks[task]}: training loss ${plain(graph.losses[task])}${gain}, takes from ${count("target")}, gives to ${count("source")}`;
  };

  const drawNode = (task, layer, fontSize) => {
    const [x, y, angle] = place(task), radius = state.radius(task), name = state.tasks[task];
    const group = draw("g", { class: "node", role: "button", tabindex: task === (chosen ?? 0) ? 0 : -1, "aria-label": describe(task), "data-task": task }, layer);
    draw("circle", { cx: x, cy: y, r: radius, fill: shade(state.loss(task)) }, group);
    if (fontSize) {
      const out = state.ring + state.largest + 5, left = Math.cos(angle) < -0.001;
      const [tx, ty] = [CENTER + out * Math.cos(angle), CENTER + out * Math.sin(angle)];
      const turn = state.turned ? (angle * 180) / Math.PI + (left ? 180 : 0) : 0;
      const side = state.turned ? Math.abs(Math.cos(angle)) + 1 : Math.abs(Math.cos(angle));
      const anchor = side < 0.3 ? "middle" : left ? "end" : "start";
      const shift = state.turned ? 0 : 4;
      const text = draw("text", { x: tx + shift * Math.cos(angle), y: ty + shift * Math.sin(angle), transform: `rotate(${turn} ${tx} ${ty})`, "text-anchor": anchor, "dominant-baseline": "central", style: `font-size:${fontSize}px` }, group);
      text.textContent = brief(name);
    }
    // The task stays when the pointer leaves, so that nothing on the page moves then.
    for (const event of ["pointerenter", "focus", "click"]) group.addEventListener(event, () => mark(task));
  };

  const render = () => {
    const { tasks, graph, edges } = state, count = tasks.length;
    const limit = (threshold.value / 100) * state.top;
    state.shown = edges.filter((edge) => edge.weight >= limit);
    const longest = Math.max(...tasks.map((name) => [...brief(name)].length));
    state.turned = longest > 3 || count > 40;
    // Units of the drawing per pixel: names stay readable on a small screen where there is room for them.
    const unit = 720 / (svg.clientWidth || 720);
    const spacing = (2 * Math.PI * 280) / count, fontSize = Math.max(6.5, Math.min(14 * Math.max(unit, 1), spacing * 0.85));
    state.ring = CENTER - 16 - Math.min(150, Math.max(longest * fontSize * 0.62, fontSize));
    state.scale = Math.min(1, 24 / Math.sqrt(count * 24));
    state.largest = Math.min(22, (Math.PI * state.ring * 0.85) / count);
    state.ring -= state.largest;
    const top = Math.max(...graph.losses) || 1;
    state.loss = (task) => (graph.losses[task] ?? 0) / top;
    state.radius = (task) => Math.max(2, state.largest * Math.sqrt(state.loss(task)));
    svg.replaceChildren();
    const links = draw("g", {}, svg), nodes = draw("g", {}, svg);
    // Heavy arrows last, so that they lie on top.
    [...state.shown].reverse().forEach((edge) => drawEdge(edge, links));
    tasks.forEach((_, task) => drawNode(task, nodes, fontSize));
    byId("graph-limit").textContent = plain(limit);
    const kept = graph.count > edges.length ? `, of which the page holds ${edges.length}` : "";
    byId("graph-count").textContent = `${state.shown.length} of ${graph.count} edges shown${kept}. Largest weight ${plain(state.top)}.`;
    fillTable();
    mark(chosen);
  };

  const partners = (task, end, other) => state.shown.filter((edge) => edge[end] === task)
    .map((edge) => `${state.tasks[edge[other]]} (${plain(edge.weight)})`);

  const mark = (task) => {
    chosen = task;
    for (const link of find(".link", svg)) {
      const [source, target] = [Number(link.dataset.source), Number(link.dataset.target)];
      const edge = link.firstChild;
      link.classList.toggle("off", task !== null && source !== task && target !== task);
      link.classList.toggle("on", task !== null && (source === task || target === task));
      edge.classList.toggle("takes", task !== null && target === task);
      edge.classList.toggle("gives", task !== null && source === task);
    }
    for (const node of find(".node", svg)) {
      node.classList.toggle("chosen", Number(node.dataset.task) === task);
      if (task !== null) node.setAttribute("tabindex", Number(node.dataset.task) === task ? 0 : -1);
    }
    const panel = byId("graph-task");
    if (task === null) { panel.replaceChildren(make("p", "Point at a task to see its gain and its edges.")); return; }
    const { tasks, graph } = state, parts = [make("h4", `Task ${tasks[task]}`)];
    const facts = make("p", `Training loss ${plain(graph.losses[task])}`);
    if (graph.gains) {
      const gain = graph.gains[task];
      facts.append(make("br"), gain === null ? "No gain: the baseline makes no error" : `Gain over ${data.baseline}: ${signed(gain)}`);
    }
    parts.push(facts);
    for (const [title, kind, end, other] of [["Takes from", "takes", "target", "source"], ["Gives to", "gives", "source", "target"]]) {
      const names = partners(task, end, other), list = make("ul");
      parts.push(make("b", names.length ? title : `${title} none`, { className: kind }));
      list.append(...names.map((name) => make("li", name)));
      if (names.length) parts.push(list);
      else parts.push(make("br"));
    }
    panel.replaceChildren(...parts);
  };

  const fillTable = () => {
    const table = byId("graph-table"), { tasks, graph } = state;
    const heads = ["Task", "Training loss", ...(graph.gains ? [`Gain over ${data.baseline}`] : []), "Takes from (weight)", "Gives to (weight)"];
    const row = (name, cells, facts) => {
      const line = make("tr");
      line.append(...cells.map((cell, i) => make(name, cell, { className: facts[i] })));
      return line;
    };
    const kinds = ["n", "r", ...(graph.gains ? ["r"] : []), "w", "w"];
    const head = make("thead"), body = make("tbody");
    head.append(row("th", heads, kinds));
    body.append(...tasks.map((name, task) => row("td", [
      name, plain(graph.losses[task]),
      ...(graph.gains ? [graph.gains[task] === null ? "–" : signed(graph.gains[task])] : []),
      partners(task, "target", "source").join(", "), partners(task, "source", "target").join(", "),
    ], kinds)));
    table.replaceChildren(head, body);
    makeSortable(table);
  };

  svg.addEventListener("keydown", (event) => {
    const node = event.target.closest(".node");
    if (!node) return;
    const task = Number(node.dataset.task), count = state.tasks.length;
    const next = { ArrowRight: task + 1, ArrowDown: task + 1, ArrowLeft: task - 1, ArrowUp: task - 1, Home: 0, End: count - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      find(".node", svg)[(next + count) % count].focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      mark(task);
    } else if (event.key === "Escape") {
      mark(null);
    }
  });
  svg.addEventListener("click", (event) => { if (!event.target.closest(".node")) mark(null); });
  for (const select of Object.values(pick)) select.addEventListener("change", choose);
  threshold.addEventListener("input", render);
  addEventListener("resize", render);
  fill(pick.dataset, data.datasets.map((each, i) => [String(i), each.title]));
  byId("explorer").hidden = false;
  choose();
})();
