// "What can I train on my GPU?": reads the form, computes with estimate.js, keeps the choice in the address.
(function () {
  "use strict";

  var GIB = Math.pow(2, 30), SVG = "http://www.w3.org/2000/svg";

  function figure(value) {
    if (value === 0) return "0";
    if (value >= 1e6 || value < 1e-3) {
      var split = value.toExponential(2).split("e");
      return String(Number(split[0])) + "e" + Number(split[1]);
    }
    if (value >= 1000) return Math.round(value).toLocaleString("en");
    return String(Number(value.toPrecision(3)));
  }

  function figures(range) {
    var low = figure(range[0]), high = figure(range[1]);
    return low === high ? low : low + "–" + high;
  }

  function scaled(range, by) { return [range[0] / by, range[1] / by]; }

  function element(name, text, className) {
    var made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function start(root, data, recipes) {
    var form = root.querySelector("form"), status = root.querySelector("[role=status]"), words = JSON.parse(root.dataset.words);
    var svg = root.querySelector(".hb-stack"), parts = root.querySelector("[data-hb-parts]"), list = root.querySelector("[data-hb-recipes]");
    var fields = Array.from(form.elements).filter(function (field) { return field.name; });
    var first = {};
    fields.forEach(function (field) { first[field.name] = state(field); });

    function state(field) { return field.type === "checkbox" ? (field.checked ? "1" : "0") : field.value; }

    function out(name, text) { root.querySelector("[data-o=" + name + "]").textContent = text; }

    function number(name) { return Number(form.elements[name].value); }

    function trainingOf() {
      var method = form.elements.method.value;
      return {
        method: method, weights: { qlora: "nf4", "lora-8bit": "int8", lora: "bf16", full: "bf16" }[method],
        sequence: number("sequence"), micro_batch: number("batch"), packed: form.elements.packed.checked,
        compute: form.elements.compute.value, lora_rank: number("rank"), lora_targets: data.targets, adapter: null,
        optimiser_bits: number("bits"), paged: form.elements.paged.checked, sharding: form.elements.sharding.value,
        cards: number("cards"), checkpointing: form.elements.checkpointing.checked, flash_attention: true, chunked_loss: false
      };
    }

    // Where a number is missing or out of bounds nothing is computed, and the last answer does not stay either.
    function sound() {
      return fields.every(function (field) {
        return field.type !== "number" || field.name === "price" ? field.validity.valid : field.validity.valid && field.value !== "";
      });
    }

    function rect(x, width, y, height, name) {
      var made = document.createElementNS(SVG, "rect");
      made.setAttribute("x", x.toFixed(2));
      made.setAttribute("y", y);
      made.setAttribute("width", Math.max(width, 0).toFixed(2));
      made.setAttribute("height", height);
      made.setAttribute("class", name);
      return made;
    }

    function draw(found, usable) {
      var scale = 1000 / (Math.max(found.total[1], usable) * 1.03), x = 0, pieces = [];
      Object.keys(found.parts).forEach(function (part) {
        var width = hbEstimate.middle(found.parts[part]) * scale;
        pieces.push(rect(x, width, 4, 40, "pt pt-" + part));
        x += width;
      });
      pieces.push(rect(found.total[0] * scale, (found.total[1] - found.total[0]) * scale, 49, 4, "span"));
      pieces.push(rect(usable * scale - 1.5, 3, 0, 60, "usable"));
      svg.replaceChildren.apply(svg, pieces);
      parts.replaceChildren.apply(parts, Object.keys(found.parts).filter(function (part) {
        return found.parts[part][1] > 0;
      }).map(function (part) {
        var row = element("tr"), head = element("th", undefined, ""), cell = element("td", figures(scaled(found.parts[part], GIB)), "hb-r");
        head.setAttribute("scope", "row");
        head.append(element("span", "", "hb-swatch pt-" + part), words["part." + part]);
        row.append(head, " ", cell);
        return row;
      }));
    }

    function fits(card, training) {
      list.replaceChildren.apply(list, recipes.map(function (recipe) {
        var own = Object.assign({}, recipe.training, { cards: training.cards });
        if (training.sharding !== "none" && own.method !== "full") own.sharding = training.sharding;
        var answer = hbEstimate.fit(data, hbEstimate.memory(data, data.shapes[recipe.shape], own), card.usable);
        return { recipe: recipe, answer: answer };
      }).filter(function (item) { return item.answer !== "no" && item.answer !== "unlikely"; }).map(function (item) {
        var row = element("li"), link = element("a", item.recipe.label);
        link.href = item.recipe.href;
        row.append(link, " ", element("span", words["fit." + item.answer], "hb-fit hb-fit--" + item.answer));
        return row;
      }));
    }

    function show() {
      var ok = sound();
      status.textContent = ok ? "" : root.dataset.wrong;
      root.querySelector("[data-hb-out]").classList.toggle("is-off", !ok);
      if (!ok) return;
      var training = trainingOf(), shape = data.shapes[form.elements.model.value], card = data.cards[form.elements.card.value];
      var work = { examples: number("examples"), mean_tokens: number("mean"), epochs: number("epochs") };
      var found = hbEstimate.memory(data, shape, training), answer = hbEstimate.fit(data, found, card.usable);
      var hours = scaled(hbEstimate.seconds(data, shape, training, work, card), 3600), price = form.elements.price.value;
      out("total", figures(scaled(found.total, GIB)) + " GiB");
      out("fit", words["fit." + answer]);
      out("hours", figures(hours) + " " + root.dataset.hours);
      out("cost", price === "" ? root.dataset.noprice : figures(hbEstimate.cost(hours, training.cards, Number(price))) + " " + root.dataset.usd);
      out("flop", figure(hbEstimate.flopPerToken(data, shape, training, Math.min(work.mean_tokens, training.sequence))));
      out("usable", root.dataset.usable.replace("{amount}", figure(card.usable / GIB)));
      draw(found, card.usable);
      fits(card, training);
    }

    function query() {
      var chosen = new URLSearchParams();
      fields.forEach(function (field) { if (state(field) !== first[field.name]) chosen.set(field.name, state(field)); });
      return chosen.toString() ? "?" + chosen : "";
    }

    // What the address does not name is as it was at first; a value that a field does not have is left out.
    function restore() {
      var chosen = new URLSearchParams(location.search);
      fields.forEach(function (field) {
        var value = chosen.has(field.name) ? chosen.get(field.name) : first[field.name];
        if (field.type === "checkbox") field.checked = value === "1";
        else field.value = value;
        if (field.tagName === "SELECT" && field.selectedIndex < 0) field.value = first[field.name];
      });
    }

    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("input", function () {
      show();
      if (query() !== location.search) history.replaceState(null, "", location.pathname + query());
    });
    addEventListener("popstate", function () { restore(); show(); });
    restore();
    show();
    root.dataset.ready = "";
  }

  function read(address) {
    return fetch(address).then(function (reply) {
      if (!reply.ok) throw new Error(address);
      return reply.json();
    });
  }

  document.querySelectorAll("[data-hb-train]").forEach(function (root) {
    Promise.all([read(root.dataset.estimate), read(root.dataset.recipes)]).then(function (files) {
      start(root, files[0], files[1]);
    }).catch(function (error) {
      root.querySelector("[role=status]").textContent = root.dataset.failed + error.message;
    });
  });
})();
