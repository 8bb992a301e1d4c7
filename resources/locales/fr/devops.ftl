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

devops-job-load = Charger les espaces de travail
devops-job-add = Ajouter { $path }
devops-job-remove = Retirer { $name } de la liste
devops-job-trust = Faire confiance à { $name }
devops-job-distrust = Ne plus faire confiance à { $name }
devops-job-scan = Chercher des projets
devops-job-board = Actualiser le tableau
devops-job-machine = Examiner cette machine
devops-job-runs = Lister les exécutions
devops-job-run = Lire une exécution
devops-job-again = Relancer { $run }
devops-job-sample = Déballer le projet d’exemple dans { $path }
devops-job-sample-change = Faire le changement « { $name } » dans le projet d’exemple

devops-board-failed = L’espace de travail n’a pas pu être lu
devops-machine-failed = La machine n’a pas pu être examinée
devops-not-a-folder = { $path } n’est pas un dossier
devops-no-roots = Il n’y a pas de dossier où chercher
devops-no-roots-hint = Nommez-en un, ou réglez les racines dans Configuration
devops-no-run = Il n’y a pas d’exécution { $run }
devops-run-no-program = L’exécution { $run } n’a lancé aucun programme
devops-sample-broken = Le projet d’exemple contenu dans le programme est endommagé
devops-sample-no-change = Le projet d’exemple n’a pas de changement « { $name } »
devops-sample-not-empty = { $path } n’est pas vide
devops-sample-not-empty-hint = Nommez un nouveau dossier pour le projet d’exemple
devops-problem-build = { $task } a échoué
devops-problem-tests = { $n ->
    [one] Un test échoue
   *[other] { $n } tests échouent
}
devops-problem-deployment = Le déploiement de { $version } en { $environment } a échoué
devops-problem-instance = { $name } est mort
devops-problem-conflicts = Il y a des conflits à résoudre
devops-no-target = « { $text } » ne désigne rien
devops-no-target-hint = Écrivez item:ID, commit:OID, run:N, release:V, environment:NOM ou instance:N
devops-untrusted = sans confiance
devops-trust-changed = modifié depuis la marque de confiance
