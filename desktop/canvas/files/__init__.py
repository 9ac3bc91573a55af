"""The document's files: OpenRaster and pictures in and out, Photoshop's out. Whatever is wrong is a UserError."""
