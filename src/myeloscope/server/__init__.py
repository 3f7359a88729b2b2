"""The web API of reader studies: asks the trial's rules and ``visible``, decides nothing itself."""
