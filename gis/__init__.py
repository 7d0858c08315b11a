"""Spatial mathematics of Wangge and, in ``gis.store``, the PostGIS store.

The modules beside ``store`` are pure: arrays and frames in, arrays and frames
out. They know neither the database nor HTTP.
"""
