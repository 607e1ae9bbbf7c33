"""THE EXACT CHOICE: tables of options in, the cheapest combination that keeps every promise out."""
