# Coder : modifications, historique, branches, annulations
code-job-refresh = Lire les modifications
code-job-watch = Surveiller les modifications
code-job-diff = Comparer
code-job-history = Lire l’historique
code-job-commit-detail = Lire un commit
code-job-refs = Lire les branches et étiquettes
code-job-undo = Lire ce qui peut être annulé
code-job-stage = Indexer
code-job-unstage = Désindexer
code-job-discard = Abandonner des modifications
code-job-commit = Valider { $summary }
code-job-amend = Corriger le dernier commit
code-job-branch = Créer la branche { $name }
code-job-switch = Aller sur { $name }
code-job-take-back = Annuler { $id }
code-job-fetch = Récupérer
code-job-pull = Tirer
code-job-push = Pousser

code-clean = rien n’a changé
code-n-conflicted = { $n } en conflit
code-n-staged = { $n ->
    [one] { $n } indexé
   *[other] { $n } indexés
}
code-n-unstaged = { $n ->
    [one] { $n } non indexé
   *[other] { $n } non indexés
}
code-n-untracked = { $n ->
    [one] { $n } non suivi
   *[other] { $n } non suivis
}
code-n-more = { $n ->
    [one] et un de plus
   *[other] et { $n } de plus
}
code-watching = { $n ->
    [one] Un dossier surveillé
   *[other] { $n } dossiers surveillés
}
code-diff-binary = Les fichiers binaires diffèrent
code-diff-too-large = Trop gros pour être montré
code-diff-submodule = Sous-module

code-undo-empty = Rien à annuler
code-undo-with = Pour l’annuler : chantier code undo { $id }
code-undo-pruned = { $n ->
    [one] L’annulation la plus ancienne a été supprimée
   *[other] Les { $n } annulations les plus anciennes ont été supprimées
}
code-undo-discard = { $n ->
    [one] Abandon de { $what }
   *[other] Abandon de { $n } fichiers, dont { $what }
}
code-undo-discard-hunk = Abandon d’un bloc de { $what }
code-undo-stage = { $n ->
    [one] Indexation de { $what }
   *[other] Indexation de { $n } fichiers, dont { $what }
}
code-undo-unstage = { $n ->
    [one] Désindexation de { $what }
   *[other] Désindexation de { $n } fichiers, dont { $what }
}
code-undo-commit = Commit { $what }
code-undo-amend = Correction de { $what }
code-undo-switch = Passage sur { $what }
code-undo-branch = Création de la branche { $what }
code-undo-take-back = Annulation de { $what }
code-undo-number = Ce n’est pas le numéro d’une annulation : { $word }

code-one-path-for-hunks = Les blocs se comptent dans un fichier : donnez un seul chemin
code-no-message = Un commit demande un message
code-no-message-hint = Écrivez une ligne qui dit ce qui change
code-unresolved = { $n ->
    [one] Un fichier est encore en conflit
   *[other] { $n } fichiers sont encore en conflit
}
code-nothing-staged = Rien n’est indexé
code-nothing-staged-hint = Indexez d’abord des fichiers ou des blocs, ou validez toutes les modifications des fichiers suivis
code-nothing-changed-hint = Aucun fichier ne diffère du dernier commit
code-no-identity = Git ne sait pas qui valide
code-no-identity-hint = À régler une fois : git config --global user.name "Votre nom", et de même user.email
code-not-signed = Le commit n’a pas pu être signé
code-not-signed-hint = Vérifiez user.signingKey et l’agent, ou désactivez commit.gpgSign
code-commit-refused = Le commit a été refusé
code-commit-refused-hint = Un crochet du dépôt a pu dire non : ses mots sont ci-dessus et dans le journal de la tâche
code-no-remote = Ce dépôt n’a pas de dépôt distant
code-no-remote-hint = Ajoutez-en un : git remote add origin ADRESSE
code-push-rejected = Le dépôt distant a des commits qui ne sont pas ici
code-push-rejected-hint = Tirez d’abord, puis poussez de nouveau
code-pull-diverged = Les deux côtés ont de nouveaux commits
code-pull-diverged-hint = Choisissez une fois comment les réunir : git config pull.rebase true (ou false)
code-no-upstream = Cette branche n’en suit aucune autre
code-no-upstream-hint = Poussez-la une fois, et elle en suivra une
