# Code : arbres de travail
code-tab-worktrees = Arbres de travail
code-worktrees-hint = Les autres copies de travail de ce dépôt se trouvent ici, chacune avec sa branche
code-column-checked-out = Extrait
code-column-changes = Changements
code-column-state = État
code-column-path = Chemin
code-fact-branch = Branche
code-fact-checked-out = Extraite dans
code-fact-locked-because = Verrouillé parce que
code-fact-prunable = Inutilisable
code-checked-out-in = Extraite dans { $path }
code-detached = sur aucune branche
code-open-workspace = Ouvrir comme espace de travail
code-worktree-main = principal
code-worktree-locked = verrouillé
code-worktree-stale = disparu
code-worktree-under-way = au milieu d’une opération
code-worktree-counting = Les changements y sont en train d’être comptés
code-worktree-add = Nouvel arbre de travail…
code-worktree-add-for = Nouvel arbre de travail ici…
code-worktree-add-title = Nouvel arbre de travail
code-worktree-new-branch = Une nouvelle branche
code-worktree-branch = Une branche existante
code-worktree-detached = Un commit, sur aucune branche
code-worktree-lock = Verrouiller
code-worktree-lock-open = Verrouiller…
code-worktree-lock-title = Verrouiller { $name }
code-worktree-reason = Raison
code-worktree-reason-hint = sur un disque qui n’est pas toujours là
code-worktree-unlock = Déverrouiller
code-worktree-move = Déplacer…
code-worktree-move-title = Déplacer { $name }
code-worktree-move-do = Déplacer
code-worktree-prune = Oublier les arbres disparus…
code-worktree-prune-title = Oublier les arbres de travail disparus
code-worktree-prune-do = Oublier
code-worktree-nothing-stale = Tous les arbres de travail sont là
code-worktree-remove = Supprimer l’arbre de travail…
code-worktree-remove-title = Supprimer l’arbre de travail { $name } ?
code-worktree-remove-text = Son dossier disparaît, la branche reste. Cela peut être annulé, sauf pour les dossiers ignorés et les gros fichiers ignorés, comme les produits de construction
code-worktree-remove-dirty = { $n ->
    [0] Son dossier disparaît, la branche reste.
    [one] Un fichier modifié disparaît avec son dossier. Il est gardé dans la chronologie d’annulation ; les dossiers ignorés et les gros fichiers ignorés ne le sont pas
   *[other] { $n } fichiers modifiés disparaissent avec son dossier. Ils sont gardés dans la chronologie d’annulation ; les dossiers ignorés et les gros fichiers ignorés ne le sont pas
}
code-job-worktrees = Regarder les arbres de travail
code-job-worktree-add = Créer un arbre de travail pour { $name }
code-job-worktree-remove = Supprimer l’arbre de travail { $name }
code-job-worktree-lock = Verrouiller l’arbre de travail { $name }
code-job-worktree-unlock = Déverrouiller l’arbre de travail { $name }
code-job-worktree-move = Déplacer l’arbre de travail { $name }
code-job-worktree-prune = Oublier les arbres de travail disparus
code-told-worktree-added = Arbre de travail créé pour { $name }
code-told-worktree-removed = Arbre de travail { $name } supprimé
code-undo-remove-worktree = Arbre de travail { $what } supprimé
git-no-such-worktree = Aucun arbre de travail, ou plusieurs, ne correspond à { $name }
git-no-such-worktree-hint = Désignez-le par son chemin, tel que la liste le montre
git-main-worktree = La copie de travail principale ne peut être ni verrouillée, ni déplacée, ni supprimée comme un arbre de travail
git-current-worktree = L’arbre de travail où l’on travaille ne peut être ni déplacé ni supprimé
git-current-worktree-hint = Faites-le depuis une autre copie de travail du dépôt
git-worktree-locked = L’arbre de travail { $name } est verrouillé
git-worktree-locked-hint = Déverrouillez-le d’abord
git-worktree-is-locked = Il est déjà verrouillé
git-worktree-is-unlocked = Il n’est pas verrouillé
git-worktree-dirty = { $n ->
    [one] Un changement dans l’arbre de travail { $name } serait perdu
   *[other] { $n } changements dans l’arbre de travail { $name } seraient perdus
}
git-worktree-dirty-hint = Validez-les ou remisez-les là-bas, ou forcez : ils sont alors gardés dans la chronologie d’annulation
git-worktree-submodules = Des sous-modules sont extraits dans l’arbre de travail { $name }
git-worktree-submodules-hint = Leurs dépôts disparaissent avec lui, avec les commits jamais poussés
git-worktree-submodules-stay = Un arbre de travail avec des sous-modules ne peut pas être déplacé
git-worktree-missing = Un arbre de travail est connu à cet endroit, et son dossier a disparu
git-worktree-missing-hint = Oubliez les arbres de travail disparus, puis créez-le à nouveau
git-worktree-exists = Quelque chose se trouve déjà là
