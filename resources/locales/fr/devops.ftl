# devops
devops-job-thread = Chercher le fil

devops-project-broken = chantier.toml : { $why }
devops-project-not-a-list = chantier.toml : cette section est une liste
devops-project-not-a-list-hint = Écrivez son titre entre doubles crochets : [[task]]
devops-project-twice = chantier.toml : « { $name } » s’y trouve deux fois ; la première compte
devops-project-unknown = chantier.toml : il n’y a pas de section « { $name } »
devops-project-unknown-hint = Les sections sont { $names }
devops-project-outside = chantier.toml : l’artefact « { $name } » est hors de l’espace de travail
devops-project-empty-run = chantier.toml : « { $name } » n’a rien à lancer
devops-project-missing = chantier.toml : il n’y a pas de { $kind } « { $name } »
devops-project-word = « { $word } » entre accolades n’est pas un mot connu ici
devops-project-word-hint = Sont connus ici { $words }
