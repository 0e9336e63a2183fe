"""Fine-tuning and answering: the only part of the runner, besides the probe and the demonstration, that needs torch.

`train.train` and `answer.answer` are the two stages. Nothing here reaches the network: weights, tokenizer and data come
as folders and files that were fetched and hashed before.
"""
