# Coder : modifications, historique, branches, annulations
code-job-init = Faire de { $path } un dépôt git
code-init = En faire un dépôt
code-init-in-one = Déjà dans le dépôt { $path }
code-told-init = Un dépôt avec la branche { $branch }
code-no-repository = Ce dossier n’est pas dans un dépôt git. Dans un dépôt, chaque état des fichiers peut être gardé, comparé et ramené.
code-piped = { $name } { $words } (exécution { $run })
code-pipeline-run = { $name }, exécution { $run }
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
code-job-take-back = Annuler l’étape { $id }
code-job-take-back-last = { $n ->
    [1] Annuler la dernière étape
   *[other] Annuler les { $n } dernières étapes
}
code-job-redo = { $n ->
    [1] Refaire l’étape suivante
   *[other] Refaire les { $n } étapes suivantes
}
code-job-redo-entry = Refaire l’étape { $id }
code-job-fetch = Récupérer
code-job-pull = Tirer
code-job-push = Pousser
code-job-open = Ouvrir { $path }

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
    [1] et un de plus
   *[other] et { $n } de plus
}
code-watching = { $n ->
    [0] Aucun dossier surveillé
    [1] Un dossier surveillé
   *[other] { $n } dossiers surveillés
}
code-diff-binary = Les fichiers binaires diffèrent
code-diff-too-large = Trop gros pour être montré
code-diff-submodule = Sous-module
code-diff-conflicted = en conflit : ce qu’a la branche courante (-) à côté du fichier (+)
code-submodule-changed-inside = Le commit est le même ; des fichiers ont changé à l’intérieur
code-is-bare = un dépôt nu, sans fichiers
code-look-without-space = Ignorer les espaces
code-look-with-space = Montrer les changements d’espaces
code-look-more = Plus de lignes autour des changements
code-look-less = Moins de lignes autour des changements
code-look-around = { $n ->
    [0] Seulement les lignes changées
   *[other] { $n } lignes autour des changements
}
code-look-whole = Le fichier entier
code-look-end = C’est le bout de l’échelle
code-look-only-space = Seuls des espaces diffèrent
code-n-passed = { $n } réussis
code-look-spaceless = espaces ignorés
code-bisect-from = C’était bon ici : bissection à la main d’ici au plus récent

code-undo-empty = Rien à annuler
code-undo-with = Pour l’annuler : chantier code undo --entry { $id }
code-undo-pruned = { $n ->
    [1] L’annulation la plus ancienne a été supprimée
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
code-undo-pull = Tirage de { $what }
code-undo-take-back = Annulation de { $what }
code-took-back = Annulé : { $what }
code-did-again = Refait : { $what }
code-steps-told = { $what }, et { $n } de plus
code-undo-is-undone = annulé
code-undo-is-interrupted = interrompu
code-undo-n-index = { $n ->
    [1] L’index pour un chemin
   *[other] L’index pour { $n } chemins
}
code-undo-stashes = Remises : de { $from } à { $to }
code-undo-operation-back = L’opération de git qui était en cours revient
code-undo-operation-gone = Plus aucune opération de git n’est en cours ensuite
code-undo-n-settings = { $n ->
    [1] Un réglage de branche, de dépôt distant ou de sous-module
   *[other] { $n } réglages de branches, de dépôts distants ou de sous-modules
}
code-undo-collisions = { $n ->
    [1] Modifié depuis
   *[other] { $n } choses modifiées depuis
}

code-one-path-for-parts = Les blocs et les lignes se comptent dans un seul fichier : donnez exactement un chemin
code-not-lines = Ni un numéro de ligne ni une plage comme 20-24 : { $word }
code-no-message = Un commit demande un message
code-no-message-hint = Écrivez une ligne qui dit ce qui change
code-unresolved = { $n ->
    [1] Un fichier est encore en conflit
   *[other] { $n } fichiers sont encore en conflit
}
code-nothing-staged = Rien n’est indexé
code-nothing-staged-hint = Indexez d’abord des fichiers ou des blocs, ou validez toutes les modifications des fichiers suivis
code-diff-compare-hint = Pour des commits : chantier code compare --patch { $ends }
code-nothing-changed-hint = Aucun fichier ne diffère du dernier commit
code-no-identity = Git ne sait pas qui valide
code-no-identity-hint = À régler une fois : git config --global user.name "Votre nom", et de même user.email
code-not-signed = Le commit n’a pas pu être signé
code-not-signed-hint = Vérifiez user.signingKey et l’agent, ou désactivez commit.gpgSign
code-said-of = { $what } : { $words }
code-commit-refused = Le commit a été refusé
code-amend-published = Le commit remplacé se trouve déjà sur { $remote }
code-amend-published-hint = D’autres peuvent l’avoir ; le prochain envoi devra l’y écraser (push --force-with-lease)
code-bad-date = « { $text } » n’est pas une date
code-bad-date-hint = Par exemple 2026-03-01, « 2 weeks ago » ou yesterday
code-told-rebase-stopped = Le rebasage attend : modifiez le commit, puis continuez
code-put-away = Vos propres changements sont mis de côté et reviennent à la fin
code-left-out = { $n ->
    [1] Un dépôt à l’intérieur a été laissé tel quel : { $paths }
   *[other] { $n } dépôts à l’intérieur ont été laissés tels quels : { $paths }
}
code-left-out-hint = Faites-en un sous-module, ignorez-le, ou nommez-le
code-hook-after = C’est fait ; le crochet { $hook } s’est terminé en échec ensuite
code-fewer-steps = { $n ->
    [1] Il n’y avait qu’une étape, pas { $wanted }
   *[other] Il n’y avait que { $n } étapes, pas { $wanted }
}
code-job-untracked = Regarder dans un dossier non suivi
code-folder-changes = { $n ->
    [1] Un changement dans { $path }
   *[other] { $n } changements dans { $path }
}
code-untracked-more = { $n ->
    [1] et un fichier de plus
   *[other] et { $n } fichiers de plus
}
code-hook-refused = Le crochet { $hook } a refusé le commit
code-hook-silent-hint = Il n’a rien dit. Un commit sans les crochets est possible (--no-verify)

code-tab-changes = Modifications
code-tab-history = Historique
code-tab-branches = Branches
code-tab-undo = Annulations
code-choose-workspace = Choisissez un espace de travail pour voir ses modifications et son historique
code-no-status = Les modifications de l’espace de travail apparaissent ici
code-bare = Un dépôt nu n’a pas de fichiers : voyez son historique et ses branches
code-all-committed = Tout est validé
code-choose-file = Choisissez un fichier pour voir ce qui y a changé
code-tree = Fichiers modifiés
code-half-unstaged = Non indexés { $n }
code-half-conflict = En conflit { $n }
code-half-staged-files = Indexés { $n }
code-stage-all = Tout indexer
code-unstage-all = Tout désindexer
code-stage-files = { $n ->
    [1] Indexer
   *[other] Indexer { $n } fichiers
}
code-unstage-files = { $n ->
    [1] Désindexer
   *[other] Désindexer { $n } fichiers
}
code-discard-files = { $n ->
    [1] Abandonner les modifications
   *[other] Abandonner les modifications de { $n } fichiers
}
code-copy-path = Copier le chemin
code-stage-hunk = Indexer le bloc
code-unstage-hunk = Désindexer le bloc
code-discard-hunk = Abandonner
code-lines-staged = { $staged ->
    [0] { $n ->
        [1] une ligne
       *[other] { $n } lignes
    }
    [1] 1 ligne indexée sur { $n }
   *[other] { $staged } lignes indexées sur { $n }
}
code-stage-lines = { $n ->
    [1] Indexer la ligne
   *[other] Indexer { $n } lignes
}
code-unstage-lines = { $n ->
    [1] Désindexer la ligne
   *[other] Désindexer { $n } lignes
}
code-open = Ouvrir dans l’éditeur
code-discard-lines = { $n ->
    [1] Abandonner la ligne
   *[other] Abandonner { $n } lignes
}
code-unified = Unifié
code-side-by-side = Côte à côte
code-half-staged = indexé en partie
code-is-staged = indexé
code-not-staged = non indexé
code-change-added = ajouté
code-change-modified = modifié
code-change-deleted = supprimé
code-change-renamed = renommé
code-change-copied = copié
code-change-type = autre type de fichier
code-change-untracked = non suivi
code-change-conflicted = en conflit
code-summary = Première ligne du message
code-summary-hint = Ce qui change
code-summary-chars = { $n } / { $limit }
code-body = Suite du message
code-body-hint = Pourquoi, et ce qu’il faut en savoir
code-amend = Corriger
code-amend-moved = Un autre commit est désormais le dernier : { $commit }
code-amend-moved-hint = Regardez-le, puis cochez de nouveau « Corriger » pour modifier celui-là, ou décochez pour faire un commit à part
code-amend-button = Corriger le dernier commit
code-committing = Commit en cours…
code-committing-stop = Arrêter le commit
code-commit = Valider
code-commit-button = { $n ->
    [one] Valider { $n } fichier
   *[other] Valider { $n } fichiers
}
code-told-discarded = Modifications abandonnées
code-told-committed = Commit créé
code-told-amended = Commit corrigé
code-told-switched = Branche changée
code-told-taken-back = Annulé
code-told-redone = Refait
code-fetch = Récupérer
code-pull = Tirer
code-push = Pousser
code-refresh = Relire
code-n-commits = { $n ->
    [0] Aucun commit
    [1] Un commit
   *[other] { $n } commits
}
code-n-commits-more = Les { $n } commits les plus récents
code-n-names = { $branches ->
    [0] Aucune branche
    [1] Une branche
   *[other] { $branches } branches
}, { $tags ->
    [0] aucune étiquette
    [1] une étiquette
   *[other] { $tags } étiquettes
}
code-n-files = { $n ->
    [one] { $n } fichier
   *[other] { $n } fichiers
}
code-filter-files = Filtrer les fichiers
code-filter-commits = Chercher des commits (auteur: chemin: depuis:)
code-thing-branch = Branche { $name }
code-search-commits = Chercher dans les commits
code-compare-with = Comparer avec { $here }
code-job-ignore = Ignorer des fichiers
code-told-ignored = Ignoré désormais
code-undo-ignore = { $what } à ignorer
code-no-author = { $author } ne désigne personne
code-restore-file = Mettre cette version dans la copie de travail
code-job-restore = { $n ->
    [1] Rétablir un fichier
   *[other] Rétablir { $n } fichiers
}
code-told-restored = { $n ->
    [1] Le fichier est tel que dans { $name }
   *[other] { $n } fichiers sont tels que dans { $name }
}
code-undo-restore = { $n ->
    [1] Fichier rétabli depuis { $what }
   *[other] { $n } fichiers rétablis depuis { $what }
}
code-fixup-of-merge = { $name } est une fusion : rien ne peut y être mis
code-fixup-of-merge-hint = Faites-en un commit à part
code-message-is-template = Le message est encore le modèle
code-only-repositories = { $n ->
    [1] Ce dossier n’est pas un dépôt ; il y en a un dessous
   *[other] Ce dossier n’est pas un dépôt ; il y en a { $n } dessous
}
code-no-author-hint = Écrivez par exemple Ada Lovelace <ada@example.org>
code-stash-files = { $n ->
    [1] Mettre ce fichier de côté…
   *[other] Mettre ces { $n } fichiers de côté…
}
code-stash-only = { $n ->
    [1] Seulement { $first } ; tout le reste demeure
   *[other] Seulement ces { $n } fichiers : { $first } et d’autres ; tout le reste demeure
}
code-ignore-file = Ignorer (.gitignore)
code-filter-branches = Filtrer les branches
code-nothing-found = Aucun commit ne correspond
code-path-as-it-is = Un chemin est pris tel quel : une * n’y est pas un motif
code-no-commits = Rien n’a encore été validé
code-close-diff = Fermer la comparaison
code-column-file = Fichier
code-column-graph = Graphe
code-column-message = Message
code-column-author = Auteur
code-column-commit = Commit
code-column-age = Âge
code-column-name = Nom
code-column-upstream = Branche amont
code-column-what = Ce qui a été fait
code-column-paths = Fichiers
code-local = Branches locales
code-remote = Branches distantes
code-tags = Étiquettes
code-no-branches = Les branches et étiquettes du dépôt apparaissent ici
code-elsewhere = dans une autre copie de travail
code-upstream-gone = branche amont disparue
code-new-branch = Nouvelle branche…
code-new-branch-title = Nouvelle branche
code-create = Créer
code-branch-name-hint = feature/ce-qu-elle-fait
code-branch-from = Part de
code-branch-here = Nouvelle branche ici…
code-switch-to = Aller sur { $name }
code-look-at-commit = Aller sur ce commit
code-copy-name = Copier le nom
code-copy-commit = Copier l’identifiant du commit
code-files = Fichiers
code-all-files = Montrer les { $n } fichiers
code-fact-path = Chemin
code-fact-change = Changement
code-fact-conflict = Conflit
code-fact-lines = Lignes
code-fact-mode = Mode
code-fact-commit = Commit
code-fact-parent = Parent
code-fact-parents = Fusion de
code-fact-author = Auteur
code-fact-committer = Validé par
code-fact-date = Date
code-fact-signature = Signature
code-signed = signé, non vérifié
code-fact-changed = Modifié
code-take-back = Annuler
code-take-back-last = Annuler la dernière étape
code-take-back-until = Annuler tout à partir d’ici
code-take-back-anyway = Annuler quand même
code-redo = Refaire
code-redo-next = Refaire l’étape suivante
code-redo-until = Refaire tout jusqu’ici
code-redo-anyway = Refaire quand même
code-undo-hint = Ce que vous indexez, abandonnez, validez ou changez de branche apparaît ici, pour être annulé
code-key-stage = Indexer la ligne, ou la retirer de l’index
code-key-tick = Cocher les lignes choisies de la différence
code-key-whole = Toutes les différences du commit
code-key-apply = Ressortir la remise
code-key-take-back = Annuler l’étape, ou la refaire
code-key-move-step = Déplacer l’étape
code-key-space = Espace
code-key-alt-arrows = Alt+↑ ↓
code-undo-would-restore = L’annuler rétablit
code-undo-would-redo = La refaire met en place
code-undo-nothing-more = Rien d’autre
code-undo-collisions-hint = En passant outre, ce qui s’y trouve maintenant est gardé comme une étape de plus
code-fact-when = Quand
code-fact-moved = Déplacé
code-fact-kept = Gardé
code-fact-step = Étape
code-column-moved = Déplacé
code-job-weather = Lire le sort des commits
code-column-built = Construit
code-column-tested = Testé
code-column-deployed = Déployé
code-built = construit
code-n-failed = { $n ->
    [one] { $n } échec
   *[other] { $n } échecs
}
code-weather = Météo
code-fact-item = Élément
code-column-released = Livré
code-incident = incident { $id }
code-job-commit-graph = Écrire le commit-graph
code-history-all = Toutes les branches
code-history-head = Cette branche
code-order-date = Par date
code-order-topology = Par branche
code-n-found = { $n ->
    [0] Aucun commit trouvé
    [1] Un commit trouvé
   *[other] { $n } commits trouvés
}
code-n-found-so-far = { $n } trouvés jusqu’ici
code-n-found-more = Les { $n } résultats les plus récents : précisez la recherche pour voir les autres
code-n-read = { $n } commits lus jusqu’ici
code-search-help = Mots du message, d’une branche ou d’un identifiant ; auteur: chemin: contenu: regex: depuis: jusque:
code-write-graph = Écrire le commit-graph
code-write-graph-hint = Git écrit un index de l’historique dans son propre dossier : lecture et recherche deviennent bien plus rapides
code-graph-missing = Beaucoup de commits ne sont dans aucun commit-graph
code-graph-broken = Le commit-graph de ce dépôt est abîmé et n’est pas utilisé
code-job-blame = Trouver l’auteur de chaque ligne
code-blame = Blame
code-file-history = Historique du fichier
code-blame-back = Retour
code-blame-close = Retour à l’historique
code-blame-checkout = dans la copie de travail
code-blame-empty = Le fichier est vide
code-blame-before = Avant ce changement
code-blame-choose = Choisissez d’abord une ligne
code-blame-first = Le fichier commence par ce changement
code-blame-uncommitted = pas encore commité
code-blame-so-far = { $n } lignes sur { $of }
code-blame-no-line = Il n’y a pas de ligne { $line } : le fichier en a { $n }
code-blame-began = La ligne { $line } est telle que { $commit } l’a faite au début du fichier : il n’y a rien avant
code-blame-new = Le fichier n’est pas encore validé : il n’y a rien avant ses lignes
code-column-line = Ligne
code-column-text = Texte
code-compared = Comparaison
code-compare-from = De
code-compare-to = À
code-compare-swap = Inverser les côtés
code-compare-end = Terminer la comparaison
code-compare-same = Rien ne diffère
code-compare-files = Comparer aux fichiers
code-job-todos = Chercher ce qui reste à faire
code-tab-todos = À faire
code-filter-todos = Filtrer les lignes
code-no-todos = Aucune ligne ne dit TODO ni FIXME
code-column-word = Mot
code-column-place = Endroit
code-copy-place = Copier l’endroit
code-show-commit = Montrer le commit
code-job-stash = Remiser les changements
code-job-stash-apply = Ressortir une remise
code-job-stash-drop = Supprimer une remise
code-job-stashes = Lire les remises
code-job-commit-help = Lire ce qui aide à écrire un message
code-job-fixup = Corriger { $name }
code-told-stashed = Remisé
code-told-stash-applied = Remise ressortie
code-told-stash-dropped = Remise supprimée
code-told-fixed-up = Corrigé
code-undo-fixup = Correction de { $what }
code-undo-stash = { $n ->
    [one] Remise { $what }
   *[other] Remise de { $n } fichiers, { $what }
}
code-undo-stash-apply = Ressortie de la remise : { $what }
code-undo-stash-pop = Reprise de la remise : { $what }
code-undo-stash-drop = Suppression de la remise : { $what }
code-no-stashes = Rien n’a été remisé
code-tab-stashes = Remises
code-stash = Remiser
code-stash-open = Remiser…
code-stash-title = Remiser les changements
code-stash-message-hint = De quoi il s’agissait
code-stash-untracked = Les fichiers non suivis aussi
code-stash-keep-index = Laisser en place ce qui est indexé
code-stash-hint = Ce que vous remisez apparaît ici, pour être ressorti
code-stash-apply = Appliquer
code-stash-pop = Reprendre
code-stash-branch = En faire une branche…
code-stash-drop = Supprimer
code-column-made-on = Faite sur
code-fixup = Corriger avec ce qui est indexé
code-fixup-in-operation = Une opération de git est en cours
code-fixup-in-operation-hint = Terminez-la ou abandonnez-la d’abord
code-fixup-elsewhere = « { $name } » n’est pas un commit de cette branche
code-fixup-conflicts = Les commits suivants n’ont pas tous pu être refaits
code-fixup-conflicts-hint = Résolvez les conflits et poursuivez le rebase, ou annulez l’étape
code-signoff = Signed-off-by
code-signs-with = Signé ({ $format })
code-run-hooks = Lancer les crochets : { $names }
code-message-type = Type
code-message-scope = Portée
code-last-messages = Messages
code-message-no-type = Pas de type, comme « fix: … »
code-message-no-scope = La portée n’est pas correcte
code-message-no-description = Rien ne suit le type
code-message-no-body = Le corps commence après une ligne vide
