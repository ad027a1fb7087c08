"""What several tables share: units of errors, and the text of an ablation's changed options."""

METRICS = {"rmse": "RMSE", "error": "error %"}


def changes(ablation):
    """Return the options that an ablation changes in its reference method, such as ``ridge: 0``."""
    texts = {
        key: f"{value:g}" if isinstance(value, float) else value for key, value in ablation.changed.items()
    }
    return ", ".join(f"{key}: {text}" for key, text in texts.items()) or "nothing"
