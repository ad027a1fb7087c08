"""Sources that several methods cite."""

LEE_2016 = "Lee, Yang, Hwang. Asymmetric multi-task learning based on task relatedness and loss. ICML 2016."
