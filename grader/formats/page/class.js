"use strict";
(() => {
  const { labs, people, texts, words } = JSON.parse(document.getElementById("data").textContent);
  const table = document.getElementById("students");
  const [head, body] = [table.tHead, table.tBodies[0]];
  const search = document.getElementById("search"), show = document.getElementById("show");
  const sheet = document.getElementById("sheet"), inside = document.getElementById("sheet-body");
  const CHUNK = 150;
  const ORDER = "FSENP.";

  const say = (key, values) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const make = (tag, looks, text) => {
    const made = document.createElement(tag);
    if (looks) made.className = looks;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const late = (minutes) => (minutes < 120 ? say("minutes", { minutes }) : say("hours", { hours: (minutes / 60).toFixed(1) }));
  const checks = labs.flatMap((lab, n) => lab.checks.map((check, place) => ({ ...check, lab: n, place, first: place === 0 && n > 0 })));
  people.forEach((person) => {
    person.cells = person.labs.map((lab) => lab.cells).join("");
    // Whoever is excused is not among those who missed it.
    person.judged = person.labs.map((lab) => (lab.status === "graded" ? lab.cells : ".".repeat(lab.cells.length))).join("");
  });

  // What the table can be sorted by.
  const columns = [
    { key: "student", value: (person) => person.name.toLocaleLowerCase() },
    ...(people.some((person) => person.section) ? [{ key: "section", value: (person) => person.section }] : []),
    { key: "mark", number: true, value: (person) => person.mark ?? -1 },
    { key: "late", number: true, value: (person) => person.late },
    { key: "time", number: true, value: (person) => person.labs.reduce((sum, lab) => sum + (lab.seconds ?? 0), 0) },
    ...checks.map((check, n) => ({ key: `check ${n}`, check, value: (person) => ORDER.indexOf(person.cells[n] ?? ".") })),
  ];
  const labels = JSON.parse(table.dataset.labels);
  let sorted = { column: columns[0], down: false };
  let shown = people;
  let drawing = 0;

  const header = () => {
    const row = make("tr");
    columns.forEach((column) => {
      const cell = make("th", column.check ? `asked${column.check.first ? " first" : ""}` : column.number ? "num" : "");
      cell.scope = "col";
      if (column === sorted.column) cell.ariaSort = sorted.down ? "descending" : "ascending";
      const number = columns.indexOf(column) - columns.findIndex((each) => each.check) + 1;
      const button = make("button", "", column.check ? number : labels[column.key]);
      button.type = "button";
      if (column.check) {
        button.title = column.check.text;
        button.ariaLabel = `${number}: ${column.check.text}`;
      }
      button.addEventListener("click", () => {
        sorted = { column, down: sorted.column === column ? !sorted.down : Boolean(column.number) && column.key !== "mark" };
        draw();
        [...head.querySelectorAll("button")][columns.indexOf(column)].focus();
      });
      cell.append(button);
      row.append(cell);
    });
    head.replaceChildren(row);
  };

  const line = (person) => {
    const row = make("tr");
    const name = make("th");
    name.scope = "row";
    const button = make("button", "who");
    button.type = "button";
    button.append(make("bdi", "", person.name));
    button.title = person.id;
    button.addEventListener("click", () => open(person));
    name.append(button);
    row.append(name);
    columns.slice(1).forEach((column) => {
      if (column.check) {
        const letter = person.cells[columns.indexOf(column) - first] ?? ".";
        const cell = make("td", `cell ${letter === "." ? "" : letter}${column.check.first ? " first" : ""}`, letter === "P" || letter === "." ? "" : letter);
        if (letter === "F") cell.title = `${column.check.text}: ${words.F}`;
        row.append(cell);
      } else if (column.key === "section") {
        row.append(make("td", "", person.section));
      } else {
        const value = column.value(person);
        const blank = column.key === "mark" ? value < 0 : !value;
        const shown = { time: () => say("took", { seconds: value.toFixed(1) }), late: () => late(value), mark: () => String(value) }[column.key];
        row.append(make("td", "num", !blank ? shown() : column.key === "mark" ? words["no mark"] : ""));
      }
    });
    return row;
  };
  const first = columns.findIndex((column) => column.check);

  // A piece at a time: the first screen is there at once, however large the class is.
  const fill = (from, turn, whole) => {
    if (turn !== drawing) return;
    const piece = document.createDocumentFragment();
    shown.slice(from, whole ? undefined : from + CHUNK).forEach((person) => piece.append(line(person)));
    body.append(piece);
    if (!whole && from + CHUNK < shown.length) setTimeout(() => fill(from + CHUNK, turn), 0);
    else table.dataset.drawn = String(shown.length);
  };

  const fits = (person) => {
    const wanted = search.value.trim().toLocaleLowerCase();
    if (wanted && ![person.name, person.id, person.section].some((text) => text.toLocaleLowerCase().includes(wanted))) return false;
    if (show.value === "none") return person.mark === null;
    if (show.value === "late") return person.late > 0;
    if (show.value.startsWith("check ")) return "FS".includes(person.judged[Number(show.value.slice(6))]);
    return true;
  };

  const draw = (whole) => {
    drawing += 1;
    const { column, down } = sorted;
    const by = (one, other) => {
      const [a, b] = [column.value(one), column.value(other)];
      const order = typeof a === "string" ? a.localeCompare(b) : a - b;
      return (down ? -order : order) || one.name.localeCompare(other.name);
    };
    shown = people.filter(fits).sort(by);
    document.getElementById("count").textContent = say("count", { count: shown.length, all: people.length });
    delete table.dataset.drawn;
    header();
    body.replaceChildren();
    fill(0, drawing, whole);
  };

  const open = (person) => {
    const name = make("h2", "");
    name.id = "sheet-name";
    name.append(make("bdi", "", person.name));
    const about = [person.id, person.section, person.mark === null ? words["no mark"] : `${person.mark}%`];
    inside.replaceChildren(name, make("p", "quiet", about.filter(Boolean).join(" · ")));
    person.labs.forEach((lab, n) => inside.append(...about_lab(lab, labs[n])));
    sheet.showModal();
  };

  const about_lab = (lab, { title, checks: asked }) => {
    const facts = [
      lab.at && say("handed in at", { when: lab.at }),
      lab.attempt && say("attempt number", { number: lab.attempt }),
      lab.late && say("came late", { time: late(lab.late) }),
      lab.seconds !== undefined && say("took", { seconds: lab.seconds }),
    ].filter(Boolean);
    const made = [make("h3", "", title), ...lab.said.map((text) => make("p", "", texts[text]))];
    if (facts.length) made.push(make("p", "quiet", facts.join(" · ")));
    if (lab.printed !== undefined && texts[lab.printed]) made.push(make("pre", "", texts[lab.printed]));
    if (!lab.found) return made;
    const list = make("ol");
    asked.forEach((check, place) => {
      const letter = lab.cells[place];
      const item = make("li", letter);
      const told = make("div");
      told.append(make("div", "", check.text));
      if (lab.found[place] !== undefined) told.append(make("p", "", texts[lab.found[place]]));
      item.append(make("span", "word", letter === "." ? words.none : words[letter]), told);
      list.append(item);
    });
    return [...made, list];
  };

  const byId = new Map(people.map((person) => [person.id, person]));
  document.querySelectorAll(".who[data-id]").forEach((button) => {
    button.addEventListener("click", () => byId.has(button.dataset.id) && open(byId.get(button.dataset.id)));
  });
  document.querySelectorAll(".only").forEach((button) => {
    button.addEventListener("click", () => {
      const value = `check ${button.dataset.check}`;
      let option = [...show.options].find((each) => each.value === value);
      if (!option) {
        option = new Option(say("only missed", { check: checks[Number(button.dataset.check)].text }), value);
        show.add(option);
      }
      show.value = value;
      draw();
      document.getElementById("everybody").focus();
    });
  });
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", () => draw());
  show.addEventListener("change", () => draw());
  addEventListener("beforeprint", () => draw(true));
  draw();
})();
