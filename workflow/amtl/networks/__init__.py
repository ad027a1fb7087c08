"""Small networks that several tasks share, and the rules that balance the tasks' gradients in them."""
