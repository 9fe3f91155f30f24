"""Files to pixels, thumbnails and facts: the only layer that knows Pillow.

`decoders.DecoderPool` is what the layers above use; everything else runs in its children.
"""
