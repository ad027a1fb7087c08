"""2MTL: second-order adaptive multi-task learning with logistic regression, softmax and CRFs."""
