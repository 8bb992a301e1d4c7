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
code-worktree-remove-title = Supprimer l’arbre de travail { $name } ?
code-worktree-remove-text = Son dossier disparaît, la branche reste. Cela peut être annulé, sauf pour les dossiers ignorés et les gros fichiers ignorés, comme les produits de construction
code-worktree-remove-dirty = { $n ->
    [0] Son dossier disparaît, la branche reste.
    [1] Un fichier modifié disparaît avec son dossier. Il est gardé dans la chronologie d’annulation ; les dossiers ignorés et les gros fichiers ignorés ne le sont pas
   *[other] { $n } fichiers modifiés disparaissent avec son dossier. Ils sont gardés dans la chronologie d’annulation ; les dossiers ignorés et les gros fichiers ignorés ne le sont pas
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
code-undo-add-worktree = Ajout d’un arbre de travail pour { $what }
code-undo-remove-worktree = Suppression de l’arbre de travail { $what }
git-no-such-worktree = Aucun arbre de travail ne correspond à { $name }
git-many-worktrees = Plusieurs arbres de travail correspondent à { $name }
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
git-worktree-dirty-hint = Validez-les ou remisez-les là-bas, ou forcez : ils sont alors gardés dans la chronologie d’annulation
git-worktree-submodules = Des sous-modules sont extraits dans l’arbre de travail { $name }
git-worktree-submodules-hint = Leurs dépôts disparaissent avec lui, avec les commits jamais poussés
git-worktree-submodules-stay = Un arbre de travail avec des sous-modules ne peut pas être déplacé
git-worktree-missing = Un arbre de travail est connu à cet endroit, et son dossier a disparu
git-worktree-missing-hint = Oubliez les arbres de travail disparus, puis créez-le à nouveau
git-worktree-exists = Quelque chose se trouve déjà là

# Sous-modules
code-tab-submodules = Sous-modules
code-submodules-hint = Les dépôts qui se trouvent dans celui-ci, à un commit enregistré
code-column-recorded = Enregistré
code-fact-follows = Suit
code-submodule-add = Ajouter un sous-module…
code-submodule-add-title = Ajouter un sous-module
code-submodule-add-do = Ajouter
code-submodule-update-all = Tout mettre à jour
code-submodule-update = Extraire le commit enregistré
code-submodule-fetch = Initialiser et extraire
code-submodule-newest = Extraire le commit le plus récent
code-submodule-sync = Reprendre son adresse
code-submodule-deinit = Vider son dossier…
code-submodule-deinit-title = Vider le dossier de { $path } ?
code-submodule-deinit-text = Ses fichiers disparaissent. Ses commits restent dans le dépôt sous .git, et il peut être extrait à nouveau
code-submodule-deinit-dirty = Ses fichiers disparaissent, avec ce qui y a changé. Les changements sont gardés dans sa propre chronologie d’annulation, pour quand il sera de nouveau extrait ; les fichiers ignorés ne le sont pas
code-submodule-hostile = son adresse lance un programme
code-submodule-as-recorded = comme enregistré
code-submodule-not-initialised = non initialisé
code-submodule-new-commits = autre commit
code-submodule-modified = modifié
code-submodule-untracked = fichiers non suivis
code-submodule-missing-commit = commit enregistré manquant
code-submodule-conflicted = en conflit
code-submodule-not-recorded = aucun commit enregistré
code-submodule-unreadable = illisible
code-submodule-no-commits = Ses commits ne sont pas ici, ou il n’est pas extrait
code-job-submodules = Regarder les sous-modules
code-job-submodules-init = Initialiser les sous-modules
code-job-submodule-init = Initialiser { $name }
code-job-submodules-update = Mettre à jour les sous-modules
code-job-submodule-update = Mettre à jour { $name }
code-job-submodules-sync = Reprendre les adresses des sous-modules
code-job-submodule-sync = Reprendre l’adresse de { $name }
code-job-submodules-deinit = Vider les sous-modules
code-job-submodule-deinit = Vider { $name }
code-job-submodule-add = Ajouter le sous-module { $name }
code-told-submodules-update = Sous-modules mis à jour
code-told-submodule-update = { $name } mis à jour
code-told-submodules-deinit = Sous-modules vidés
code-told-submodule-deinit = { $name } vidé
code-told-submodule-added = Sous-module { $name } ajouté
code-undo-add-submodule = Ajout du sous-module { $what }
git-no-submodules = Il n’y a pas de sous-modules
git-no-submodule = Aucun sous-module ne se trouve à { $path }
git-submodule-hostile = L’adresse du sous-module { $path } lancerait un programme
git-submodule-hostile-hint = Regardez .gitmodules : une telle adresse n’est pas celle d’un dépôt, et n’est jamais utilisée
git-submodule-file = git ne clone pas de sous-modules depuis les dossiers de cette machine
git-submodule-file-hint = Là où vous faites confiance au dossier, git config --global protocol.file.allow always le permet
git-submodule-transport = git n’autorise pas ce genre d’adresse pour un sous-module
git-submodule-dirty = Des fichiers ont changé dans le sous-module
git-submodule-dirty-hint = Validez-les ou remisez-les là-bas, ou forcez : ils sont alors gardés dans sa chronologie d’annulation
git-submodule-no-commit = Le commit enregistré n’est ni dans le dépôt du sous-module, ni là d’où il vient
git-submodule-no-commit-hint = Il n’a peut-être pas encore été poussé

# Plusieurs dépôts
code-tab-repositories = Dépôts
code-filter-repositories = Filtrer les dépôts
code-repos-hint = Les dépôts de cet espace de travail se trouvent ici, avec ce qu’un manifeste attend de chacun
code-repos-cut = Il y a plus de dossiers qu’on n’en parcourt
code-repos-of = Dépôt de { $name }
code-repos-fetch = Récupérer tous les dépôts
code-repos-read = Relire les dépôts
code-repos-freeze = Figer…
code-repos-freeze-title = Figer les commits exacts de tous les dépôts
code-repos-freeze-do = Écrire le fichier
code-repos-freeze-note = Un manifeste de Repo, ou du TOML si le nom finit par .toml. Un fichier existant est remplacé
code-repos-file = Fichier, sous l’espace de travail
code-repos-n-frozen = { $n ->
    [0] Aucun dépôt
    [1] Un dépôt, à son commit exact
   *[other] { $n } dépôts, chacun à son commit exact
}
code-repos-copy = Copier le texte
code-repos-frozen = Figé dans { $path }
code-repos-compare = Comparer des états…
code-repos-compare-title = Comparer deux états des dépôts
code-repos-compare-do = Comparer
code-repos-compare-note = Chacun est un manifeste ou un état figé ; sans le second, ce qui est extrait
code-repos-checked-out = ce qui est extrait
code-repos-same = Aucun dépôt ne diffère
code-repos-added = seulement dans le second
code-repos-removed = seulement dans le premier
code-manifest = Manifeste
code-manifest-none = Aucun
code-manifest-choose = Choisir un fichier…
code-manifest-found = Prendre celui qui est trouvé
code-repos-not-fetched = { $n ->
    [one] Un dépôt sur { $of } n’a pas pu être récupéré
   *[other] { $n } dépôts sur { $of } n’ont pas pu être récupérés
}
code-column-repository = Dépôt
code-column-wanted = Attendu
code-column-drift = Manifeste
code-fact-groups = Groupes
code-fact-copied = Fichiers qu’il met ailleurs
code-repo-fetching = en cours de récupération
code-repo-failed = échoué
code-drift-none = dans aucun manifeste
code-drift-not-here = absent
code-drift-in-step = comme attendu
code-drift-no-revision = révision attendue absente
code-drift-apart = { $ahead ->
    [0] { $behind } en retard
   *[other] { $behind ->
        [0] { $ahead } en avance
       *[other] { $ahead } en avance, { $behind } en retard
    }
}
code-frozen-dirty = a des changements qui ne sont dans aucun commit
code-frozen-unpushed = son commit n’est sur aucune branche distante
code-frozen-broken = L’état figé est illisible
code-job-repos = Regarder les dépôts
code-job-repos-fetch = Récupérer tous les dépôts
code-job-repo-fetch = Récupérer { $name }
code-job-repos-freeze = Figer les dépôts
code-job-repos-diff = Comparer des états des dépôts
code-manifest-broken = Le manifeste n’est pas du XML
code-manifest-truncated = Le manifeste s’arrête au milieu
code-manifest-unknown = L’élément { $element } du manifeste n’est pas compris, et est ignoré
code-manifest-no-name = L’élément { $element } n’a pas de nom
code-manifest-outside = { $path } ne se trouve pas sous l’espace de travail
code-manifest-twice = Deux projets se trouvent à { $path }
code-manifest-misplaced = L’élément { $element } a sa place dans un projet
code-manifest-no-project = Aucun projet avant lui n’est { $name }
code-manifest-no-remote = Le projet { $path } nomme un dépôt distant inconnu : { $remote }

# Images
code-picture-svg = Un dessin en SVG : son texte est comparé
ui-picture-beside = Côte à côte
ui-picture-swipe = Volet
ui-picture-onion = Pelure d’oignon
ui-picture-share = Part de la nouvelle image
git-picture-too-long = plus de { $limit } octets ne sont pas lus
git-picture-too-large = { $width } × { $height } pixels sont trop pour être décodés
git-picture-unreadable = elle ne peut pas être décodée
