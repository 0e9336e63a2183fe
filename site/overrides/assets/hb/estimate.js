// What training takes: the same sums as catalog/estimate/*.py, on the same coefficients (api/v1/estimate.json).
// Ranges are [low, high], amounts in bytes, FLOP and seconds. A test compares the two on random inputs.
(function () {
  "use strict";

  function range(value) { return Array.isArray(value) ? value : [value, value]; }
  function plus(a, b) { a = range(a); b = range(b); return [a[0] + b[0], a[1] + b[1]]; }
  function times(a, b) { a = range(a); b = range(b); return [a[0] * b[0], a[1] * b[1]]; }
  function over(a, b) { a = range(a); b = range(b); return [a[0] / b[1], a[1] / b[0]]; }
  function middle(a) { return (a[0] + a[1]) / 2; }

  function frozen(training) { return training.method !== "full"; }

  function adapterParameters(shape, training) {
    if (!frozen(training)) return 0;
    var h = shape.hidden, f = shape.intermediate, kv = shape.kv_width;
    var widths = { q: 2 * h, k: h + kv, v: h + kv, o: 2 * h, up: h + f, down: h + f, gate: shape.gated ? h + f : 0 };
    var sum = Array.from(new Set(training.lora_targets)).reduce(function (all, target) { return all + widths[target]; }, 0);
    return training.lora_rank * shape.layers * sum;
  }

  function weights(data, shape, training) {
    var c = data.coefficients, bits = { nf4: c.nf4_bits, int8: c.int8_bits }[training.weights];
    if (bits) return range(shape.linear * bits / 8 + shape.unquantised * data.bytes[training.compute]);
    return range(shape.parameters * data.bytes[training.weights]);
  }

  function layerBytes(data, shape, training) {
    var c = data.coefficients, wide = shape.gated ? c.gated_units : c.plain_units, each = data.bytes[training.compute];
    var values = plus(plus(times(shape.hidden, c.hidden_units), 2 * shape.kv_width), times(shape.intermediate, wide));
    var kept = times(each, values);
    if (training.flash_attention) return kept;
    return plus(kept, times(plus(each, c.eager_bytes), shape.heads * training.sequence));
  }

  function activations(data, shape, training) {
    var tokens = training.micro_batch * training.sequence, each = data.bytes[training.compute];
    var here = shape.layers / (training.sharding === "layers" ? training.cards : 1);
    var one = times(layerBytes(data, shape, training), tokens);
    return training.checkpointing ? plus(one, tokens * here * shape.hidden * each) : times(one, here);
  }

  function memory(data, shape, training) {
    var c = data.coefficients, n = training.cards, how = training.sharding, tokens = training.micro_batch * training.sequence;
    var every = how === "zero3" || how === "layers" ? n : 1;
    var gradient = how === "zero2" || how === "zero3" || how === "layers" ? n : 1, state = how === "none" ? 1 : n;
    var lora = adapterParameters(shape, training), trained = lora || shape.parameters;
    var adapter = training.adapter ? range(data.bytes[training.adapter]) : [data.bytes.bf16, data.bytes.fp32];
    var optimiser = trained * (training.optimiser_bits === 32 ? c.adam_32bit_bytes : c.adam_8bit_bytes) / state;
    var base = weights(data, shape, training), packed = training.weights === "nf4" || training.weights === "int8";
    var sixteen = training.weights === "bf16" || training.weights === "fp16";
    var logits = training.chunked_loss ? Math.min(tokens, c.chunk_tokens) : tokens;
    var gathered = how === "zero3" && n > 1 ? over(times(base, c.gathered_layers), shape.layers) : [0, 0];
    var parts = {
      weights: plus(over(base, every), gathered),
      adapter: over(times(lora, adapter), every),
      gradients: over(lora ? times(lora, adapter) : base, gradient),
      master: sixteen && !lora ? range(trained * c.master_bytes / state) : [0, 0],
      optimiser: range(optimiser),
      activations: activations(data, shape, training),
      logits: times(c.logits_bytes, logits * shape.vocabulary),
      unpacked: packed ? times(times(c.dequantised_matrices, shape.hidden * shape.intermediate), data.bytes[training.compute]) : [0, 0],
      context: c.context_bytes
    };
    var total = Object.keys(parts).reduce(function (sum, part) { return plus(sum, parts[part]); }, [0, 0]);
    var pageable = training.paged ? optimiser : 0;
    return { parts: parts, total: total, pageable: pageable, least: [total[0] - pageable, total[1] - pageable] };
  }

  function fit(data, found, usable) {
    if (found.total[1] <= usable * (1 - data.coefficients.headroom)) return "fits";
    if (middle(found.total) <= usable) return "narrowly";
    if (found.pageable && middle(found.least) <= usable) return "paging";
    return found.least[0] <= usable ? "unlikely" : "no";
  }

  function flopPerToken(data, shape, training, attended) {
    var again = training.checkpointing ? 1 : 0, lora = adapterParameters(shape, training);
    var attention = 2 * attended * shape.hidden * shape.layers;
    return (frozen(training) ? 4 : 6) * shape.matmul + 2 * shape.linear * again + (6 + 2 * again) * lora +
      (1 + data.coefficients.attention_backward + again) * attention;
  }

  var INSTEAD = { bf16: "fp16", tf32: "fp32" };

  // work: {examples, mean_tokens, epochs}
  function seconds(data, shape, training, work, card) {
    var c = data.coefficients, tokens = work.examples * work.mean_tokens * work.epochs;
    var peak = card.peaks[training.compute] || card.peaks[INSTEAD[training.compute]];
    var busyCards = training.sharding === "layers" ? 1 : training.cards;
    var padded = !training.packed && training.micro_batch > 1;
    var seen = padded ? [tokens, Math.max(tokens, work.examples * work.epochs * training.sequence)] : range(tokens);
    var each = flopPerToken(data, shape, training, Math.min(work.mean_tokens, training.sequence));
    var busy = over(times(seen, each), times(busyCards * peak, c.utilisation));
    if (training.weights !== "nf4") return busy;
    var rows = training.packed ? tokens / training.sequence : work.examples * work.epochs;
    var moved = shape.linear * (c.nf4_bits / 8 + data.bytes[training.compute]) * (training.checkpointing ? 3 : 2);
    return plus(busy, over(rows / training.micro_batch / busyCards * moved, times(card.bandwidth, c.dequantise_share)));
  }

  function cost(hours, cards, price) { return times(times(hours, cards), price); }

  window.hbEstimate = {
    adapterParameters: adapterParameters, memory: memory, fit: fit, flopPerToken: flopPerToken, seconds: seconds,
    cost: cost, middle: middle
  };
})();
