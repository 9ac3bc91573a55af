"""The built-in model's recipe: scenes, their pictures and captions, the training of the model and its measure."""
