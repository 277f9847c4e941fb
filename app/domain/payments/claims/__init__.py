"""The buyer says "I have paid", the order says it is not: the provider owes an answer, else administrators mediate."""
