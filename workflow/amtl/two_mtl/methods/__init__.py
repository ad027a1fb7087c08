"""The methods of 2MTL as the workbench tunes and compares them: every public file defines a ``SPEC``.

They are not among `amtl.methods`, whose estimators are linear. Their estimators are `amtl.TwoMTLClassifier`
and `amtl.MTLSequenceTagger`.
"""
