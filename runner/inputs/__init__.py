"""What a training run starts from: weights, tokenizer and data fetched and checked, rows read, examples made."""
