"""Memory and speed of a model's true shape with random weights. Nothing here can say anything about quality."""
