"""The store on a disk: files that are never changed, and the manifest that says which count."""
