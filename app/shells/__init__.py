"""Prepare → commit → call outside → record → commit: shells that both the web and the jobs run."""
