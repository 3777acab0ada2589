"""Do ten corrections of the most useful cases teach more than ten of random cases?

Each repetition draws a pool of phantoms of a family that the network was not trained on, lets the
bundled network analyse it, and fine-tunes it twice with the same settings: on the ten cases with
the largest expected gain, and on ten random ones. Both are evaluated on the same other phantoms.
"""
