"""Where people usually find what a draft does not know."""

from __future__ import annotations

HINTS = {
    "publisher": "the organisation that released it, an id of publishers.yaml; add it there first if it is new",
    "summary": "one sentence of your own: what it is and why it matters",
    "released": "the announcement, the first commit of the repository or of the weights",
    "languages": "the card's front matter, or the section about the data",
    "parameters": "the paper's table of sizes, or the heads of the weights",
    "base": "\"fine-tuned from\" in the card; `_name_or_path` in an old config.json",
    "form": "the list of files: full, delta, adapter, merged, quantised, api or none",
    "context": "`max_position_embeddings` in config.json, or the training length in the README",
    "training_code": "the project's repository: a training script, not only inference",
    "inference_code": "the project's repository, or a few lines in the card",
    "pretraining_data": "the base model's own paper or card",
    "tuning_data": "the card's `datasets`, or the README's section about data, and their licence",
    "base_weights": "the base model's page: free, after a form, or never released",
    "tuned_weights": "the list of files and the licence of the weights",
    "adapters": "adapter_config.json in the list of files; not-applicable where there are none",
    "paper": "the card's citation; open where it tells the method, partial for a post",
    "model_card": "the README of the weights",
    "datasheet": "the data set's own card",
    "code": "LICENSE of the repository of code",
    "data": "the data set's card; what wrote the data may add terms of its own",
    "weights": "`license` in the card's front matter, or a LICENSE beside the weights",
    "access": "open, gated or closed; the list of files, and the licence",
    "licence": "`license` in the card's front matter, or a LICENSE file",
    "examples": "`num_examples` in the card, or count the lines",
    "kind": "one of: instructions, dialogues, preferences, pre-training, evaluation, mixed",
    "method": "the training script or the card: full, lora, qlora, ...",
    "hardware": "the README or paper: count and slug of the card, as in 8 x a100-80gb",
    "duration": "the README or paper, with its unit",
}  # fmt: skip

JUDGED = (
    "training_code", "inference_code", "pretraining_data", "tuning_data", "base_weights", "tuned_weights", "adapters",
    "paper", "model_card", "datasheet",
)  # fmt: skip
"""The cells of openness that are judged in a record; the other four are derived."""
