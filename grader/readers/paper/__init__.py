"""What people write on paper: blocks, question numbers, printed questions, labelled fields."""
