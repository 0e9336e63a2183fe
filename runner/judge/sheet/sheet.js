"use strict";
(() => {
  const { annotator, sheet, texts, items } = JSON.parse(document.getElementById("data").textContent);
  const part = id => document.getElementById(id);
  const radios = [...document.querySelectorAll("input[name=choice]")];
  const offered = radios.map(radio => radio.value);
  const store = `herdbook-sheet-${sheet}`;
  const choices = new Map();
  let at = 0, unsaved = false, keeps = true;

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function restore() {
    try {
      for (const [item, choice] of Object.entries(JSON.parse(localStorage.getItem(store) || "{}"))) {
        if (/^[1-9]\d*$/.test(item) && Number(item) <= items.length && offered.includes(choice)) choices.set(Number(item), choice);
      }
    } catch { /* nothing usable was kept; keep() finds out whether anything can be */ }
  }

  function keep() {
    try { localStorage.setItem(store, JSON.stringify(Object.fromEntries(choices))); } catch { keeps = false; }
    part("kept").textContent = keeps ? texts.kept : texts.unkept;
  }

  // Answers reach the page here and as text only.
  function show() {
    const item = items[at];
    part("question").textContent = item.question;
    part("first").textContent = item.first || texts.empty;
    part("second").textContent = item.second || texts.empty;
    for (const radio of radios) radio.checked = choices.get(at + 1) === radio.value;
    part("progress").textContent = fill(texts.progress, { item: at + 1, all: items.length, done: choices.size });
    part("back").disabled = at === 0;
    part("next").disabled = at === items.length - 1;
    part("open").disabled = choices.size === items.length;
  }

  function go(to) {
    if (to < 0 || to >= items.length) return;
    at = to;
    show();
    part("question-title").focus();
    scrollTo(0, 0);
  }

  function nextOpen() {
    for (let step = 1; step <= items.length; step++) {
      const to = (at + step) % items.length;
      if (!choices.has(to + 1)) return go(to);
    }
  }

  function choose(choice) {
    choices.set(at + 1, choice);
    unsaved = true;
    keep();
    show();
  }

  function save() {
    const rows = [...choices].sort(([a], [b]) => a - b).map(([item, choice]) => [sheet, annotator, item, choice].join());
    const text = ["sheet,annotator,item,choice", ...rows, ""].join("\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = `${annotator}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    unsaved = false;
    part("said").textContent = fill(texts.saved, { file: link.download });
  }

  for (const radio of radios) radio.addEventListener("change", () => choose(radio.value));
  part("back").addEventListener("click", () => go(at - 1));
  part("next").addEventListener("click", () => go(at + 1));
  part("open").addEventListener("click", nextOpen);
  part("save").addEventListener("click", save);
  addEventListener("beforeunload", event => { if (unsaved && !keeps) event.preventDefault(); });
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const number = ["1", "2", "3", "4"].indexOf(event.key);
    if (number >= 0) choose(offered[number]);
    // Among radio buttons the arrows already choose.
    else if (event.target.type !== "radio" && event.key === "ArrowLeft") go(at - 1);
    else if (event.target.type !== "radio" && event.key === "ArrowRight") go(at + 1);
  });

  restore();
  keep();
  show();
  part("needs").remove();
  part("main").hidden = false;
})();
