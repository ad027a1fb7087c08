"""The methods of 2MTL as they are tuned and compared: every public file defines a ``SPEC``.

They are not among `amtl.methods`, whose estimators are linear. Their estimators are `amtl.TwoMTLClassifier`
and `amtl.MTLSequenceTagger`.
"""
