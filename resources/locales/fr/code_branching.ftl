# Coder : branches, étiquettes, dépôts distants, fusions, opérations et conflits
code-job-rename-branch = Renommer la branche { $from } en { $to }
code-job-delete-branch = Supprimer la branche { $name }
code-job-set-upstream = Faire suivre { $upstream } par { $name }
code-job-unset-upstream = Ne plus faire suivre de branche par { $name }
code-job-merge = Fusionner { $name }
code-job-rebase = Rebaser sur { $name }
code-job-run-plan = { $n ->
    [1] Rebaser un commit
   *[other] Rebaser { $n } commits
}
code-job-cherry-pick = { $n ->
    [1] Reprendre un commit
   *[other] Reprendre { $n } commits
}
code-job-revert = { $n ->
    [1] Annuler un commit
   *[other] Annuler { $n } commits
}
code-job-reset = Réinitialiser à { $name }
code-job-create-tag = Créer l’étiquette { $name }
code-job-delete-tag = Supprimer l’étiquette { $name }
code-job-add-remote = Ajouter le dépôt distant { $name }
code-job-rename-remote = Renommer le dépôt distant { $from } en { $to }
code-job-set-remote-url = Changer l’adresse de { $name }
code-job-remove-remote = Retirer le dépôt distant { $name }
code-job-prune-remote = Élaguer { $name }
code-job-push-tag = Pousser l’étiquette { $name }
code-job-delete-remote-branch = Supprimer { $name } là-bas
code-job-delete-remote-tag = Supprimer l’étiquette { $name } là-bas
code-job-continue = Continuer
code-job-skip = Sauter une étape
code-job-abort = Abandonner
code-job-bisect-start = Commencer une bissection
code-job-bisect-reset = Terminer la bissection
code-job-bisect = Juger un commit
code-job-resolve = Résoudre { $path }
code-job-conflict = Lire un conflit
code-job-plan = Lire les commits à rebaser
code-job-preview = Prévoir
code-job-under-way = Lire ce qui est en cours

code-told-renamed = Renommé en { $name }
code-told-deleted = { $name } supprimé
code-told-merged = { $name } fusionné
code-told-rebased = Rebasé
code-told-picked = { $n ->
    [1] Un commit repris
   *[other] { $n } commits repris
}
code-told-reverted = { $n ->
    [1] Un commit annulé
   *[other] { $n } commits annulés
}
code-told-reset = Réinitialisé
code-told-removed = Dépôt distant { $name } retiré
code-told-aborted = Abandonné : tout est comme avant
code-told-resolved = { $path } résolu

code-undo-merge = Fusion de { $what }
code-undo-rebase = Rebasage sur { $what }
code-undo-pick = Reprise de { $what }
code-undo-revert = Annulation par un commit de { $what }
code-undo-reset = Réinitialisation à { $what }
code-undo-rename = Renommage d’une branche en { $what }
code-undo-delete-branch = Suppression de la branche { $what }
code-undo-tag = Création de l’étiquette { $what }
code-undo-delete-tag = Suppression de l’étiquette { $what }
code-undo-upstream = Réglage de ce que suit la branche { $what }
code-undo-add-remote = Ajout du dépôt distant { $what }
code-undo-change-remote = Modification du dépôt distant { $what }
code-undo-remove-remote = Retrait du dépôt distant { $what }
code-undo-prune-remote = Nettoyage du dépôt distant { $what }
code-undo-fetch = Récupération de { $what }, avec des branches supprimées ou réécrites là-bas
code-undo-fetch-all = Récupération, avec des branches supprimées ou réécrites là-bas
code-undo-push-over = Envoyé par-dessus { $what }
code-undo-delete-there = Supprimé { $what } là-bas
code-undo-by-push = Ce qui était là-bas avant y est envoyé de nouveau, si personne n’a rien envoyé depuis
code-told-fetch-took = Des branches supprimées ou réécrites là-bas l’ont aussi été ici
code-host-title = Est-ce la bonne machine ?
code-host-text = ssh n’a encore jamais rencontré cette machine, git s’est donc arrêté
code-host-name = Machine
code-host-kind = Type de clé
code-host-fingerprint = Empreinte
code-host-note = Comparez l’empreinte avec celle que publie le propriétaire de la machine. Si elles diffèrent, quelqu’un est entre les deux. Accepter inscrit la clé dans votre known_hosts, puis ce qui était demandé est refait
code-host-accept = Accepter la clé et réessayer
code-search-good = Bissection : bon ici…
code-search-bad = Bissection : mauvais ici…
code-missed = Aucun test n’a exécuté cette ligne
code-n-missed = { $n ->
    [0] aucune ligne non testée
    [1] une ligne non testée
   *[other] { $n } lignes non testées
}
code-undo-bisect-start = Début d’une bissection sous { $what }
code-undo-bisect-reset = Fin de la bissection sur { $what }
code-undo-bisect = Jugement d’un commit ({ $what })
code-undo-resolve = Résolution de { $what }
code-undo-continue = Poursuite de ce qui était en cours sur { $what }
code-undo-skip = Saut d’une étape sur { $what }
code-undo-abort = Abandon de ce qui était en cours sur { $what }

code-now-merge = Fusion de { $name }
code-now-rebase = Rebasage de { $branch } sur { $onto }
code-now-rebase-detached = Rebasage sur { $onto }
code-now-pick = Reprise de commits
code-now-revert = Annulation de commits
code-now-bisect = Bissection
code-now-mailbox = Application de correctifs
code-step-of = étape { $step } sur { $of }
code-stopped-to-edit = arrêté pour modification : corrigez le commit, puis continuez
code-all-resolved = aucun conflit
code-n-in-conflict = { $n ->
    [0] Aucun fichier en conflit
    [1] 1 fichier en conflit
   *[other] { $n } fichiers en conflit
}
code-resolve-n = { $n ->
    [1] Résoudre 1 fichier
   *[other] Résoudre { $n } fichiers
}
code-continue = Continuer
code-skip = Sauter cette étape
code-abort = Abandonner
code-bisect-good = Bon
code-bisect-bad = Mauvais
code-bisect-end = Terminer la bissection
code-now-bisect-found = La bissection est finie
code-bisect-found = le premier commit mauvais
code-bisect-left = { $n ->
    [1] encore un commit
   *[other] encore { $n } commits, environ { $steps ->
        [1] un verdict
       *[other] { $steps } verdicts
    }
}
code-cli-bisect-end-hint = C’est le premier commit mauvais ; revenez avec : chantier code bisect reset
code-undo-index = Rien de changé dans l’index
code-under-way = Terminez d’abord ce qui est en cours
code-is-here = HEAD est ici
code-is-current = C’est la branche courante

code-tab-conflicts = Conflits
code-tab-rebase = Rebasage
code-remotes = Dépôts distants
code-column-ahead = Avance
code-column-merged = Fusionnée
code-column-last = Dernier commit
code-in-step = à jour
code-merged = fusionnée
code-unmerged = non fusionnée
code-tag-annotated = étiquette annotée
code-tag-lightweight = étiquette légère
code-fact-kind = Genre
code-address = Adresse
code-push-address = Adresse d’envoi
code-rename = Renommer…
code-rename-title = Renommer { $name }
code-rename-do = Renommer
code-new-name = Nouveau nom
code-set-upstream = Choisir la branche suivie…
code-set-upstream-title = Branche que { $name } suit
code-set-upstream-do = Suivre
code-no-upstream-choice = aucune
code-branch-go = Y basculer
code-merge-into = Fusionner { $name } dans { $here }
code-merge-options = Fusionner avec options…
code-merge-title = Fusionner { $name }
code-merge-do = Fusionner
code-merge-mode = Manière
code-merge-auto = Comme git est configuré
code-merge-no-ff = Toujours avec un commit de fusion
code-merge-ff = En avance rapide seulement
code-merge-squash = Écraser : indexer les changements, sans commit
code-merge-message-hint = Vide, git écrit le message
code-rebase-onto = Rebaser { $here } sur { $name }
code-rebase-here = Rebaser { $here } sur ce commit
code-rebase-interactive = Rebaser pas à pas…
code-rebase-upstream = Rebaser ce qui n’est pas poussé…
code-rebase-from = Rebaser à partir d’ici…
code-quick-reword = Reformuler…
code-quick-squash = Fondre dans celui d’en dessous…
code-quick-drop = Retirer…
code-nothing-below = Il n’y a pas de commit en dessous
code-merge-stays = Une fusion reste telle quelle
code-pick-onto = Reprendre sur { $here }
code-pick-n-onto = Reprendre { $n } commits sur { $here }
code-revert-n = Annuler { $n } commits
code-revert = Annuler par un commit
code-reset-here = Réinitialiser { $here } ici…
code-reset-title = Réinitialiser à { $name }
code-reset-do = Réinitialiser
code-reset-mode = Ce qui revient
code-reset-soft = Doux : la branche seulement
code-reset-mixed = Mixte : branche et index
code-reset-hard = Dur : branche, index et fichiers
code-reset-note = L’onglet Annuler permet d’y revenir
code-delete-branch = Supprimer la branche
code-delete-unmerged-title = Supprimer { $name }, qui n’est pas fusionnée ?
code-delete-unmerged-text = Ses commits ne sont dans aucune branche qu’elle suit. L’onglet Annuler permet d’y revenir.
code-delete-there = Supprimer là-bas
code-delete-there-title = Supprimer { $name } dans l’autre dépôt ?
code-delete-there-text = Elle manquera à tous ceux qui récupèrent. Chantier ne peut pas y revenir.
code-tag-here = Nouvelle étiquette ici…
code-new-tag = Nouvelle étiquette…
code-new-tag-title = Nouvelle étiquette
code-tag-at = Sur
code-tag-message-hint = Avec un message, l’étiquette est annotée
code-tag-sign = La signer
code-delete-tag = Supprimer l’étiquette
code-push-tag-to = Pousser vers { $remote }
code-delete-tag-there = Supprimer sur { $remote }
code-prune = Élaguer
code-add-remote = Ajouter un dépôt distant…
code-add-remote-title = Ajouter un dépôt distant
code-add-remote-do = Ajouter
code-remote-url = Changer l’adresse…
code-remote-url-title = Adresse de { $name }
code-remote-url-do = Changer l’adresse
code-copy-address = Copier l’adresse
code-remove-remote = Retirer le dépôt distant
code-remove-remote-title = Retirer { $name } ?
code-remove-remote-text = Ses branches sont oubliées ici ; rien ne change là-bas.
code-preview-wait = Prévision en cours…
code-switch-overwrites = { $n ->
    [1] Un fichier modifié serait écrasé
   *[other] { $n } fichiers modifiés seraient écrasés
}
code-switch-replaces = { $n ->
    [1] Un fichier ignoré sera remplacé ; annuler le ramène
   *[other] { $n } fichiers ignorés seront remplacés ; annuler les ramène
}
code-switch-carries = { $n ->
    [0] Rien n’est modifié
    [1] Un fichier modifié suit
   *[other] { $n } fichiers modifiés suivent
}
code-switch-changes = Changements locaux
code-switch-carry = Les emporter
code-switch-stash-apply = Les remiser et les reprendre là-bas
code-switch-stash = Les remiser et les y laisser
code-stash-kept = { $name } est en place, mais les changements remisés ne s’y appliquent pas
code-stash-kept-hint = Résolvez les conflits, puis supprimez la remise : rien n’en est perdu
code-push-dialog = Pousser avec options…
code-push-title = Pousser
code-push-force-do = Écraser
code-push-brings = { $n ->
    [0] Rien de nouveau pour { $to }
    [one] Un commit part vers { $to }
   *[other] { $n } commits partent vers { $to }
}
code-push-first = { $name } n’a jamais été poussée : elle sera créée là-bas, et suivie
code-submodules-exposed = { $n ->
    [1] Le sous-module { $first } a des changements que git jetterait aussi
   *[other] { $n } sous-modules ont des changements que git jetterait aussi, { $first } d’abord
}
code-submodules-exposed-hint = Validez-les ou remisez-les là-bas d’abord, ou tenez git hors des sous-modules : git config submodule.recurse false
code-push-remote = Dépôt distant
code-push-where = Vers
code-push-other = La branche suit { $other } : « --into-upstream » envoie là-bas, « -u » en crée une de son propre nom et la suit
code-push-overwrites = { $n ->
    [1] Un commit n’est que là-bas : pousser le supprime
   *[other] { $n } commits ne sont que là-bas : pousser les supprime
}
code-push-refused = { $n ->
    [1] Un commit n’est que là-bas : pousser serait refusé
   *[other] { $n } commits ne sont que là-bas : pousser serait refusé
}
code-push-refused-hint = Récupérez d’abord ce qui s’y trouve : chantier code pull
code-push-force = Écraser, si elle est encore là où la dernière récupération l’a vue
code-push-tags = Aussi les étiquettes annotées de ce qui part

code-rebase-run = { $n ->
    [1] Rebaser un commit
   *[other] Rebaser { $n } commits
}
code-rebase-autosquash = Regrouper les corrections
code-rebase-branch-stays = { $name } reste sur les anciens commits (--update-refs l’emmène)
code-rebase-branches-leave = { $n ->
    [1] Laisser l’autre branche
   *[other] Laisser { $n } autres branches
}
code-rebase-branches-move = { $n ->
    [1] Une autre branche suit
   *[other] { $n } autres branches suivent
}
code-rebase-branches-stay = { $n ->
    [1] Une autre branche reste sur les anciens commits
   *[other] { $n } autres branches restent sur les anciens commits
}
code-rebase-branches-take = { $n ->
    [1] Emmener l’autre branche
   *[other] Emmener { $n } autres branches
}
code-rebase-close = Fermer
code-rebase-again = Relire le plan
code-rebase-moved = La branche a bougé depuis la lecture du plan
code-rebase-nothing = Il n’y a aucun commit à rebaser
code-rebase-of = { $n ->
    [0] Aucun commit
    [1] Un commit
   *[other] { $n } commits
} au-dessus de { $below }, appliqués de haut en bas
code-rebase-published = { $n ->
    [1] Un commit est déjà publié
   *[other] { $n } commits sont déjà publiés
}
code-rebase-published-hint = D’autres ont pu bâtir dessus : rebaser crée de nouveaux commits à leur place
code-rebase-merges-kept = { $n ->
    [1] Une fusion est refaite
   *[other] { $n } fusions sont refaites
}
code-rebase-keep-merges = Garder les fusions
code-rebase-leave-merges = Omettre les fusions
code-rebase-merges = { $n ->
    [1] Une fusion est laissée de côté
   *[other] { $n } fusions sont laissées de côté
}
code-published = publié
code-rebase-up = Monter
code-rebase-down = Descendre
code-rebase-message = Message de { $commit }
code-rebase-joined-hint = Vide, les deux messages sont réunis
code-step-pick = Garder
code-step-reword = Reformuler
code-step-edit = Modifier
code-step-squash = Fondre
code-step-fixup = Corriger
code-step-drop = Retirer
code-step-pick-hint = Garder : tel quel
code-step-reword-hint = Reformuler : autre message
code-step-edit-hint = Modifier : s’arrêter là
code-step-squash-hint = Fondre : joindre au précédent
code-step-fixup-hint = Corriger : joindre, message inchangé
code-step-drop-hint = Retirer : laisser de côté
code-step-exec = Exécuter
code-step-break = Arrêt
code-step-exec-hint = Exécuter : une commande, arrêt si elle échoue
code-step-break-hint = Arrêt : s’arrêter là

code-conflicts-none = Rien n’est en conflit
code-conflict-both-modified = modifié des deux côtés
code-conflict-both-added = ajouté des deux côtés
code-conflict-both-deleted = supprimé des deux côtés
code-conflict-deleted-by-us = supprimé par nous
code-conflict-deleted-by-them = supprimé par eux
code-conflict-added-by-us = ajouté par nous
code-conflict-added-by-them = ajouté par eux
code-conflict-binary = binaire
code-conflict-submodule = sous-module
code-conflict-link = lien
code-conflict-mixed = autre genre de fichier
code-conflict-renamed = renommé depuis { $path }
code-conflict-of = Conflit { $at } sur { $of }
code-conflict-n = Conflit { $n }
code-conflict-open = Le conflit { $n } n’est pas tranché
code-conflict-n-open = { $n ->
    [0] Aucun conflit à trancher
    [1] 1 conflit à trancher
   *[other] { $n } conflits à trancher
}
code-conflict-all-decided = tout est tranché
code-conflict-edited = modifié depuis
code-conflict-edited-hint = Le fichier a été modifié depuis que git l’a écrit. Trancher ici repart des trois versions ; l’onglet Annuler ramène ce qui est dans le fichier.
code-conflict-show-base = Montrer la base
code-conflict-fold = { $n } lignes identiques
code-conflict-result = Résultat
code-conflict-edit = Saisir
code-conflict-edit-n = Résultat du conflit { $n }
code-conflict-reopen = Trancher à nouveau
code-conflict-not-typable = Le fichier n’est pas du texte UTF-8 simple : choisissez un côté, ou ouvrez-le dans votre éditeur
code-conflict-next = Conflit suivant
code-conflict-previous = Conflit précédent
code-side-base = Base
code-side-ours = Le nôtre
code-side-theirs = Le leur
code-take-ours = Prendre le nôtre
code-take-theirs = Prendre le leur
code-take-base = Prendre la base
code-take-both = Prendre les deux
code-take-ours-first = Le nôtre d’abord, puis le leur
code-take-theirs-first = Le leur d’abord, puis le nôtre
code-whole-ours = Tout le fichier, le nôtre
code-whole-ours-deleted = Le supprimer, comme de notre côté
code-whole-theirs = Tout le fichier, le leur
code-whole-theirs-deleted = Le supprimer, comme de leur côté
code-whole-base = Tout le fichier comme la base
code-resolve = Résoudre
code-resolve-file = Marquer comme résolu
code-resolve-as-it-is = Marquer comme résolu tel quel
code-resolve-with-marks = Marquer comme résolu avec ses marques
code-resolve-with-marks-text = Le fichier peut encore contenir des marques de conflit ; elles seraient validées.
code-conflict-no-file = pas de fichier
code-conflict-former-path = Renommé depuis
code-conflict-why-deleted-by-us = Nous avons supprimé le fichier, et l’autre côté l’a modifié. Choisissez ce qui compte.
code-conflict-why-deleted-by-them = L’autre côté a supprimé le fichier, et nous l’avons modifié. Choisissez ce qui compte.
code-conflict-why-renamed = Les deux côtés ont renommé le fichier différemment. Gardez ce chemin, ou supprimez-le.
code-conflict-why-submodule = Les deux côtés ont placé le sous-module sur des commits différents. Choisissez l’un des deux.
code-conflict-why-link = Les deux côtés ont changé la cible du lien. Choisissez l’une des deux.
code-conflict-why-mixed = Les deux côtés en ont fait des genres de fichier différents. Choisissez l’un des deux.
code-conflict-why-binary = Le fichier ne peut pas être fusionné ligne par ligne. Choisissez la version d’un côté.
code-cli-conflicts = { $n ->
    [0] Aucun conflit
    [1] Un conflit
   *[other] { $n } conflits
}
code-cli-resolve-hint = Résolvez les fichiers ci-dessous, puis : chantier code continue (ou skip, ou abort)
code-cli-resolve-merge-hint = Résolvez les fichiers ci-dessous, puis : chantier code continue (ou abort)
code-cli-continue-merge-hint = Poursuivez avec : chantier code continue (ou abort)
code-cli-edit-hint = Arrêté pour modification : corrigez le commit (chantier code commit --amend), puis : chantier code continue (ou skip, ou abort)
code-cli-bisect-hint = Jugez le commit avec : chantier code bisect good (ou bad, ou skip) ; terminez avec : chantier code bisect reset
code-cli-continue-hint = Poursuivez avec : chantier code continue (ou skip, ou abort)

git-not-in-conflict = { $path } n’est pas en conflit
git-no-blocks = { $path } ne peut être résolu qu’en entier
git-no-blocks-hint = Prenez la version d’un côté
git-undecided = Tous les conflits de { $path } ne sont pas tranchés
git-undecided-hint = Tranchez chacun, puis marquez le fichier comme résolu
git-marks-left = Il reste des marques de conflit dans { $path }
git-marks-left-hint = Retirez les lignes qui commencent par <<<<<<<, ======= et >>>>>>>, ou marquez-le avec ses marques (--force)
git-bad-name = { $name } ne peut pas être un nom ici
git-no-such-remote = Il n’y a pas de dépôt distant { $name }
git-no-remote = Ce dépôt n’a pas de dépôt distant
git-no-remote-hint = Ajoutez-en un dans l’onglet Branches, ou : chantier code remote add origin ADRESSE
git-which-remote = Il y a plusieurs dépôts distants, et rien ne dit auquel va { $branch } : { $remotes }
git-which-remote-hint = Nommez-le une fois, et il sera retenu : chantier code push --remote { $name } ; dans la fenêtre : « Pousser avec options… »
git-bad-address = { $url } n’est pas l’adresse d’un dépôt
git-follows-other = { $branch } suit { $other }, qui porte un autre nom
git-follows-other-hint = Envoyez vers { $own } et suivez-la avec « chantier code push -u », ou vers { $other } avec « --into-upstream »
git-pushes-nothing = Les réglages de git n’envoient rien de { $branch } (push.default = nothing)
git-pushes-nothing-hint = Nommez le dépôt distant : « chantier code push --remote NOM », ou suivez-y une branche avec « -u »
git-in-other-worktree = Un autre arbre de travail a maintenant { $branch }
git-in-other-worktree-hint = Basculez d’abord celui-là sur une autre branche : « chantier code worktree list » le montre
git-not-on-a-branch = HEAD n’est sur aucune branche
git-not-on-a-branch-hint = Basculez sur une branche, ou créez-en une ici
git-nothing-under-way = Rien n’est en cours
git-nothing-under-way-hint = Une étape terminée, comme une remise qui revient avec des conflits, s’annule avec : chantier code undo
git-bisect-unclear = Il ne reste que des commits sautés : c’est l’un d’eux
git-bisect-unclear-hint = Jugez l’un d’eux avec git, ou terminez avec : chantier code bisect reset
git-no-skip-in-merge = Une fusion n’a pas d’étape à sauter
git-no-skip-in-merge-hint = Poursuivez avec : chantier code continue ; abandonnez avec : chantier code abort
git-no-continue-in-bisect = Une bissection se poursuit en jugeant le commit
git-not-bisecting = Aucune bissection n’est en cours
git-not-bisecting-hint = Commencez-en une avec : chantier code bisect start MAUVAIS BON
git-bisect-under-way = Une bissection est déjà en cours
git-still-in-conflict = Des fichiers sont encore en conflit
git-which-parent = { $commit } est une fusion : ses changements se comptent par rapport à un de ses parents
git-which-parent-hint = Dites lequel : --mainline 1 est ce que la fusion a apporté à son premier parent
git-no-such-parent = { $commit } a { $n ->
    [1] un parent
   *[other] { $n } parents
} et pas de parent { $parent }
code-pick-beside = Reprendre sur { $here } face au parent { $n } ({ $parent })
code-revert-beside = Annuler par un commit face au parent { $n } ({ $parent })
code-merges-one-by-one = Les fusions se prennent une à une
git-plan-too-long = Plus de { $n } commits : choisissez un commit plus proche de HEAD
git-plan-empty = Le plan est vide
git-plan-across-merges = { $step } changerait de place avec des commits d’une autre branche
git-plan-across-merges-hint = Laissez-le parmi ses voisins, ou omettez les fusions : « Omettre les fusions » dans la fenêtre, « --no-rebase-merges » en ligne de commande
git-plan-no-command = Une étape qui n’exécute rien : écrivez une commande après exec
git-plan-nothing-to-join = Rien ne précède { $step } à quoi le joindre
git-plan-no-message-hint = Dans une liste, il suit le commit : reword { $commit } Une nouvelle première ligne
git-plan-no-message = { $step } a besoin d’un message
git-plan-unreadable = Le plan est illisible
git-plan-odd-line = Pas une ligne de plan : { $line }
git-act-conflict = { $n ->
    [0] Git n’a pas pu réunir les changements seul
    [1] Un fichier est en conflit
   *[other] { $n } fichiers sont en conflit
}
git-act-conflict-hint = Résolvez les fichiers (chantier code conflicts), puis continuez ; abandonner annule tout
git-act-overwrites = Des changements locaux seraient écrasés
git-act-dirty = Des changements locaux gênent
git-act-unmerged = La branche a des commits qui ne sont nulle part ailleurs
git-act-unmerged-hint = Fusionnez-la d’abord, ou supprimez-la de force : on peut y revenir
git-act-checked-out = La branche est en place
git-act-checked-out-hint = Basculez d’abord sur une autre branche ; un autre arbre de travail peut aussi l’avoir
git-act-exists = Ce nom est pris
git-act-unrelated = Les deux historiques n’ont aucun commit en commun
git-act-no-fast-forward = L’avance rapide est impossible : les deux côtés ont de nouveaux commits
git-act-no-fast-forward-hint = Fusionnez ou rebasez plutôt
code-pull-merge = Tirer en fusionnant
code-pull-rebase = Tirer en rebasant
git-act-diverged = Les deux côtés ont de nouveaux commits
git-act-diverged-hint = Tirez avec une fusion ou un rebasage ; git config pull.rebase true (ou false) fixe l’habitude
git-act-no-upstream = Cette branche n’en suit aucune autre
git-act-no-upstream-hint = Poussez-la une fois, ou choisissez la branche qu’elle suit
git-act-stale = La branche n’est plus là où la dernière récupération l’a vue : rien n’a été écrasé
git-act-stale-hint = Récupérez, regardez ce qui est nouveau là-bas, et décidez à nouveau
git-act-hook-declined = L’autre dépôt l’a refusé
git-act-replaced = Ce qui est là-bas est un commit qui a été remplacé ici
git-act-replaced-hint = Personne d’autre n’a envoyé depuis : mettez le vôtre à sa place avec « chantier code push --force-with-lease », ou Écraser dans « Pousser avec options… »
git-act-rejected = L’autre dépôt a des commits qui ne sont pas ici
git-act-rejected-hint = Tirez d’abord, puis poussez à nouveau
git-act-empty = Il ne reste rien de cette étape
git-act-empty-hint = Sautez-la, ou validez d’abord quelque chose
git-act-under-way = Autre chose est en cours
git-act-under-way-hint = Continuez-le ou abandonnez-le d’abord
git-act-unreachable = L’autre dépôt est injoignable
git-act-unreachable-hint = Vérifiez l’adresse, le réseau et votre accès
git-act-gone-there = Ce n’est plus là-bas
git-act-gone-there-hint = Élaguez le dépôt distant pour l’oublier ici
git-act-log-hint = Ce que git a dit se trouve dans le journal de la tâche
code-unstaged-by-git = Ce qui était indexé est maintenant parmi les modifications : git l’a mis de côté puis remis, et ce sur quoi cela repose a changé au même endroit
