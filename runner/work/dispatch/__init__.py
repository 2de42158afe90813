"""Ways of bringing jobs to workers; `local` serves threads of this process."""
