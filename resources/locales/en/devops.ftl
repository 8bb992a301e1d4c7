# devops
devops-job-thread = Look up the thread

devops-project-broken = chantier.toml: { $why }
devops-project-not-a-list = chantier.toml: this section is a list
devops-project-not-a-list-hint = Write its head in double brackets: [[task]]
devops-project-twice = chantier.toml: “{ $name }” stands there twice; the first one counts
devops-project-unknown = chantier.toml: there is no section “{ $name }”
devops-project-unknown-hint = The sections are { $names }
devops-project-outside = chantier.toml: the artifact “{ $name }” lies outside the workspace
devops-project-empty-run = chantier.toml: “{ $name }” has nothing to run
devops-project-missing = chantier.toml: there is no { $kind } “{ $name }”
devops-project-word = “{ $word }” in braces is not a word that is known here
devops-project-word-hint = Known here are { $words }
