"""Reading the trail: searched by auditors, checked against itself."""
