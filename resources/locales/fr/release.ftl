# release
release-job-prepare = Examiner la prochaine version
release-job-run = Livrer la prochaine version
release-job-run-version = Livrer { $version }
release-job-resume = Reprendre une livraison
release-job-confirm = Confirmer { $step }
release-job-abort = Annuler une livraison
release-job-packages = Chercher les paquets
release-job-list = Lire les livrables
release-job-withdraw = Retirer { $version }
release-job-restore = Rétablir { $version }
release-job-again = Reconstruire { $version } depuis son étiquette
release-job-verify = Vérifier les fichiers de { $version }
release-build-keep = Conserver les artefacts
release-build-task = Construire { $task }

release-level-patch = correctif
release-level-minor = mineure
release-level-major = majeure

release-kind-added = Ajouts
release-kind-changed = Changements
release-kind-deprecated = Dépréciations
release-kind-removed = Retraits
release-kind-fixed = Corrections
release-kind-security = Sécurité
release-kind-other = Hors du journal

release-step-named = { $name }
release-step-ready = Voir si elle peut être faite
release-step-bump = Inscrire la version
release-step-changelog = Écrire le journal des modifications
release-step-commit = Valider
release-step-build = Construire les artefacts
release-step-tag = Étiqueter
release-step-pack = Empaqueter les artefacts
release-step-publish = Pousser
release-step-task = Lancer une tâche
release-step-check = Vérifier
release-step-confirm = Confirmer
release-step-record = Enregistrer la livraison
release-step-waits = vous attend

release-note-files = { $names }
release-note-no-file = Aucun fichier ne change
release-note-commit = { $commit }
release-note-commit-none = Le commit actuel est la livraison
release-note-build = { $names }
release-note-build-none = Le projet ne nomme aucun artefact
release-note-tag = { $tag }
release-note-archive = { $n ->
    [0] Aucun fichier
    [1] Un fichier
   *[other] { $n } fichiers
}
release-note-archive-none = Rien à empaqueter
release-note-pushed = { $remotes }
release-note-confirmed = { $by }
release-note-confirmed-with = { $by } : { $note }
release-note-check-none = Rien à vérifier ici
release-note-left-out = Laissée de côté lors d’une répétition
release-note-back = Annulée
release-note-record = { $n ->
    [0] Enregistrée sans fichier
    [1] Enregistrée avec un fichier
   *[other] Enregistrée avec { $n } fichiers
}

release-why-first = Première version
release-why-asked = Demandée
release-why-files-ahead = Les fichiers de version indiquent déjà { $version }
release-why-breaking = { $n ->
    [1] Un changement rompt la compatibilité
   *[other] { $n } changements rompent la compatibilité
}
release-why-breaking-zero = { $n ->
    [1] Un changement rompt la compatibilité ; avant 1.0.0, cela avance le deuxième nombre
   *[other] { $n } changements rompent la compatibilité ; avant 1.0.0, cela avance le deuxième nombre
}
release-why-feature = { $n ->
    [1] Un changement ajoute quelque chose
   *[other] { $n } changements ajoutent quelque chose
}
release-why-fix = { $n ->
    [1] Un petit changement
   *[other] { $n } petits changements
}
release-nothing = Rien à livrer depuis { $last }
release-nothing-hint = Aucun commit depuis ne change quoi que ce soit pour les utilisateurs ; demandez une version pour livrer malgré tout
release-no-version = Il n’y a pas de version à faire
release-bad-version = Ce n’est pas une version : { $text }
release-bad-version-hint = Écrivez-la comme 1.4.0 ou 2.0.0-rc.1
release-no-such-version = Il n’y a pas de version { $version }
release-no-commit = Il n’y a aucun commit à livrer
release-no-commit-hint = Faites d’abord un commit

release-check-clean = Arbre de travail propre
release-check-clean-yes = Tout est validé
release-check-clean-plan = { $n ->
    [1] Tout est validé, sauf un élément du plan
   *[other] Tout est validé, sauf { $n } éléments du plan
}
release-check-clean-no = { $n ->
    [one] Un chemin n’est pas validé : { $first }
   *[other] { $n } chemins ne sont pas validés, le premier est { $first }
}
release-check-clean-hint = Validez-les ou abandonnez-les d’abord, pour que la version soit ce que dit le commit
release-check-branch = Sur une branche
release-check-branch-on = { $name }
release-check-branch-detached = HEAD n’est sur aucune branche
release-check-branch-busy = Une fusion, un rebasage ou autre est en cours
release-check-branch-hint = Terminez-le ou changez d’abord de branche
release-check-version = Supérieure à la dernière version
release-check-version-yes = { $next } vient après { $last }
release-check-version-no = { $next } ne vient pas après { $last }
release-check-version-first = { $next } est la première
release-check-tag = Étiquette libre
release-check-tag-yes = { $tag } est libre
release-check-tag-no = { $tag } est prise
release-check-tag-hint = Demandez une version plus haute
release-why-pre = { $last } y conduit
release-check-upstream = À jour avec son amont
release-check-upstream-behind = { $n ->
    [1] Un commit de l’amont manque ici
   *[other] { $n } commits de l’amont manquent ici
}
release-check-upstream-hint = Tirez-les avant la livraison : sa poussée serait refusée
release-tag-there = { $remote } a déjà { $tag }, au commit { $commit }
release-tag-there-hint = Quelqu’un a été plus rapide : « git fetch --tags { $remote } », puis publiez une version plus haute ; ce qui a été commencé s’annule par « chantier release abort »
release-check-remotes = Un dépôt où pousser
release-archive-no-file = { $path } n’est pas un fichier de l’espace de travail
release-archive-no-file-hint = Corrigez archive_files de [release] dans chantier.toml
release-check-history = Historique entier
release-check-history-shallow = Ce clone est superficiel : les commits et étiquettes plus anciens n’y sont pas
release-check-history-hint = git fetch --unshallow --tags
release-check-packages-own = Paquets
release-check-tags = Étiquettes
release-check-tags-unread = { $n ->
    [1] Une étiquette ne nomme pas de version comprise ({ $first })
   *[other] { $n } étiquettes ne nomment pas de version comprise ({ $first }, …)
}
release-check-tags-hint = Une version a trois nombres (1.2.0) ; ce qui l’entoure se dit par release.tag dans chantier.toml
release-check-tests-empty = La dernière exécution n’a trouvé aucun test
release-verify-tag = Étiquette { $tag }
release-verify-tag-same = désigne { $commit }
release-verify-tag-moved = { $tag } désigne maintenant { $now } ; la version a été faite de { $then }
release-verify-tag-gone = Il n’y a plus d’étiquette { $tag }
release-no-such-version-hint = « chantier release list » montre celles qui existent ; d’un paquet NOM@VERSION
release-said = { $name } : { $text }
release-changelog-outdated = Votre texte date d’avant les derniers commits : vérifiez s’il en parle
release-check-tests = Tests à ce commit
release-check-tests-none = Pas lancés à ce commit
release-check-tests-passed = { $n ->
    [0] Aucun réussi
    [1] Un réussi
   *[other] { $n } réussis
}
release-check-tests-failed = { $n ->
    [0] Aucun échec
    [1] Un échec
   *[other] { $n } échecs
}
release-check-tests-broken = L’exécution n’est pas allée à son terme
release-check-tests-before = { $n ->
    [1] Un test en échec auparavant n’a pas été lancé ici
   *[other] { $n } tests en échec auparavant n’ont pas été lancés ici
}
release-check-tests-hint = Lancez d’abord les tests
release-check-files = Fichiers de version
release-check-files-yes = { $n ->
    [one] { $files } dit { $version }
   *[other] { $files } disent { $version }
}
release-check-files-none = Aucun fichier n’indique la version ; seule l’étiquette le fera
release-check-files-hint = Nommez les fichiers dans chantier.toml, sous [release], avec version_files
release-check-changelog = Journal des modifications
release-check-changelog-written = { $path } parle déjà de cette version
release-check-changelog-draft = { $told ->
    [1] Ébauché d’après un commit
   *[other] Ébauché d’après { $told } commits
}{ $covered ->
    [0] { "" }
   *[other] , dont { $covered } racontés à la main
}
release-check-changelog-foreign = { $path } est tenu à la main et n’est pas modifié
release-check-changelog-foreign-hint = Écrivez-y la version vous-même, ou commencez un CHANGELOG.md ; ce que disent les validations se trouve dans l’étiquette
release-check-changelog-empty = Il n’y a rien à raconter

release-files-differ = { $path } indique { $version }, { $first } indique { $known }
release-files-differ-hint = Faites-leur indiquer la même version
release-file-missing = Il n’y a pas de { $path }
release-file-missing-hint = Corrigez version_files dans chantier.toml
release-file-unknown = On ne sait pas où { $path } indique la version
release-file-unknown-hint = Sont connus : Cargo.toml, Cargo.lock, package.json, package-lock.json, pyproject.toml, les fichiers Python et VERSION
release-file-broken = { $path } est illisible pour ce qu’il est
release-file-pattern = { $path } ne dit rien comme { $pattern }
release-file-pattern-hint = Corrigez files sous [release] dans chantier.toml ; le motif est ce qui entoure {"{version}"} dans une ligne
release-file-touched = { $path } a changé depuis le début de la livraison
release-file-touched-hint = Annulez la livraison avec « chantier release abort », ou défaites ce changement

release-no-task = L’artefact { $artifact } nomme la tâche { $task }, qui n’existe pas
release-task-empty = La tâche { $task } ne lance rien
release-artifact-missing = La construction n’a pas laissé l’artefact { $name }
release-artifact-missing-hint = Corrigez son chemin dans chantier.toml
release-artifact-changed = L’artefact { $name } a changé pendant qu’il était conservé

release-unfinished = La livraison de { $version } est inachevée
release-unfinished-hint = « chantier release resume » la poursuit, « chantier release abort » l’annule
release-nothing-unfinished = Aucune livraison n’est inachevée, et aucune faite ici ne peut être annulée
release-nothing-unfinished-hint = « chantier release run » en commence une
release-pushed-already = { $tag } a déjà été diffusée
release-pushed-already-hint = « chantier release resume » termine { $version } ; retirez-la ensuite si personne ne doit s’en servir
release-stopped-hint = { $version } reste où elle en est ; « chantier release resume » réessaie cette étape, « chantier release abort » annule tout
release-stopped-final-hint = { $version } a été diffusée et ne peut plus qu’être terminée : « chantier release resume »
release-runs-elsewhere = Une livraison est déjà en cours ici
release-runs-elsewhere-hint = Attendez qu’il ait fini, ou arrêtez-le
release-waits = La livraison de { $version } attend que quelqu’un confirme { $step }
release-waits-hint = « chantier release confirm { $step } --note QUOI --evidence FICHIER » la poursuit
release-nothing-waits = Aucune étape de { $version } n’attend quelqu’un
release-nothing-waits-hint = Elle en est à { $step } ; « chantier release resume » la poursuit
release-waits-elsewhere = { $step } n’est pas ce que la livraison attend
release-waits-elsewhere-hint = Elle attend { $step }
release-evidence-missing = { $step } demande un fichier qui le montre
release-evidence-missing-hint = Nommez-en un avec --evidence FICHIER
release-step-no-task = Il n’y a pas de tâche { $task }
release-step-no-task-hint = Nommez une des tâches de chantier.toml
release-no-remote = Il n’y a pas de dépôt distant { $remote }
release-no-remote-hint = Corrigez remotes de l’étape dans chantier.toml
release-no-remotes = Il n’y a pas de dépôt distant où pousser
release-no-remotes-hint = Ajoutez-en un avec git remote add, ou que publish lance une tâche
release-undo-step = Annuler { $step } : { $task }
release-back-edited = { $n ->
    [1] { $names } a été modifié à la main entre-temps et reste tel quel
   *[other] { $names } ont été modifiés à la main entre-temps et restent tels quels
}
release-back-edited-hint = Validez-le, ou revenez en arrière avec git restore, avant la prochaine version
release-undo-task = annulée par { $name }
release-undo-stays = ce qu’elle fait reste
release-undo-never = À partir d’ici, rien ne peut plus être annulé : d’autres ont la version
release-taken-back = Tout est comme avant le début de { $version }
release-not-taken-back = { $version } est restée à mi-chemin ; « chantier release abort » essaie encore de l’annuler
release-left-behind = La branche n’a plus le commit { $commit } que désigne { $tag }
release-left-behind-hint = Annulez avec chantier release abort, et refaites la version
release-push-rejected-hint = D’autres ont poussé sur la branche entre-temps. Si { $version } en fait partie (demande de fusion), « git fetch » puis « chantier release resume » ne poussent que son étiquette ; sinon chantier release abort l’annule, et chantier code pull récupère leur travail
release-moved-on = Le dépôt a avancé depuis le début de la livraison de { $version }
release-moved-on-hint = Revenez au commit de la livraison (« git reset --keep { $commit } »), ou retirez à la main ce qu’elle a changé

release-tab-next = Prochaine version
release-tab-deliverables = Livrables
release-subtitle = { $n ->
    [one] { $last } vers { $next }, un commit
   *[other] { $last } vers { $next }, { $n } commits
}
release-subtitle-first = { $next } sera la première version
release-subtitle-nothing = Rien à livrer depuis { $last }
release-no-workspace = Choisissez un espace de travail pour voir ses versions
release-button = Livrer { $version }…
release-button-any = Livrer une version…
release-confirm = Livrer { $version }
release-go-on = Poursuivre { $version }
release-runs-already = Une livraison est déjà en cours
release-refresh = Examiner de nouveau
release-take-back = Annuler { $version }…
release-take-back-text = Personne ne l’a encore : son étiquette, ses fichiers et son commit disparaissent, elle n’est plus enregistrée, et ce qu’elle a changé redevient ce que c’était. Les dépôts distants sont d’abord interrogés.
release-unpushed = { $version } n’est pas encore poussée vers { $remotes } : « { $command } » la diffuse, « chantier release abort » l’annule
release-unpushed-nowhere = { $version } n’existe que dans ce dépôt, et peut être annulée
release-unpushed-to = { $version } n’est pas encore poussée vers { $remotes }, et peut être annulée
release-unpushed-no-remote = { $version } n’existe que dans ce dépôt, qui n’a pas de dépôt distant ; « chantier release abort » l’annule
release-back-deployed = { $version } a été déployée dans { $environment }
release-back-there = { $tag } se trouve déjà sur { $remote }
release-back-commit-there = Le commit de la livraison se trouve déjà sur { $branch }
release-back-unknown = Impossible de savoir si { $remote } a la version : il ne répond pas
release-back-unknown-hint = Réessayez quand il sera joignable, ou retirez ce dépôt distant s’il a disparu pour de bon
release-back-moved = Des commits ont suivi la livraison de { $version }, ou HEAD est ailleurs
release-back-moved-hint = Défaites son commit avec « git revert { $commit } » et son étiquette avec « git tag -d { $tag } », ou revenez-y d’abord
release-back-hint = Retirez-la si personne ne doit s’en servir : « chantier release withdraw { $version } MOTIF »
release-word-reason = { $reason }
release-word-withdrawn = { $reason } ({ $by }, { $day })
release-word-line = retirée : { $reason } ({ $by }, { $day })
release-word-restored = rétablie ({ $by }, { $day })
release-words = Ce qui en a été dit
release-withdrawn-already = { $version } est déjà retirée : { $said }
release-withdrawn-already-hint = « chantier release restore { $version } » la rétablit ; elle peut ensuite être retirée pour un autre motif
release-not-withdrawn = { $version } n’est pas retirée
release-list-left = { $n ->
    [1] La plus ancienne des versions, sur { $all }, n’est pas listée ; « --limit { $all } » les liste toutes
   *[other] Les { $n } versions les plus anciennes, sur { $all }, ne sont pas listées ; « --limit { $all } » les liste toutes
}
release-stands = La livraison de { $version } en est restée avant son étape { $step }
release-abort = Annuler la livraison…
release-abort-title = Annuler la livraison de { $version } ?
release-abort-text = Son étiquette, ses fichiers et son commit disparaissent, et ce qu’elle a changé redevient ce que c’était. Les tâches sont annulées là où le projet dit comment.
release-abort-final = Elle a été diffusée et ne peut plus qu’être terminée
release-to-confirm = Confirmer { $step }…
release-tab-procedure = Procédure
release-steps-done = { $done } sur { $all } faites
release-procedure-usual = Voici ce qui est fait quand chantier.toml ne nomme aucune [[release.step]]. Jusqu’à l’étiquette, tout est annulé de soi-même si une étape échoue.
release-head-proposed = Voici ce qui sera fait
release-head-runs = { $step } est en cours
release-head-waits = Attend que quelqu’un confirme : { $step }
release-head-failed = Arrêtée à : { $step }
release-head-done = Tout est fait
release-confirmed-by = { $by }, { $since }
release-dialog-steps = Les étapes du projet sont suivies : { $names }. Ce qui échoue reste en place jusqu’à ce que vous poursuiviez ou annuliez.
release-dialog-final = À partir de « { $step } », rien ne peut plus être annulé
release-filter = Filtrer les versions
release-filter-nothing = Aucune version ne contient ces mots
release-matrix-empty = Aucune version n’a encore été faite ici ; ce qui n’est qu’une étiquette d’ailleurs se trouve sous Livrables
release-none = Aucune version n’a encore été faite
release-state-ready = prête
release-state-forbidden = pas prête
release-state-nothing = rien à livrer
release-state-unfinished = inachevée
release-state-made = livrée
release-state-elsewhere = étiquetée ailleurs
release-state-withdrawn = retirée
release-last = Dernière version { $tag }, { $since }
release-unfinished-since = { $version } a été commencée { $since } et reste inachevée
release-checks = Vérifications
release-checks-failed = { $n ->
    [1] une interdit la livraison
   *[other] { $n } interdisent la livraison
}
release-steps = Livraison de { $version }
release-more = et { $n } de plus
release-breaking = rupture
release-covered = Raconté à la main dans le journal
release-changelog-title = Journal des modifications
release-changelog-hint = Ce qui est nouveau pour les utilisateurs
release-changelog-drafted = Ébauché d’après les commits ; ce que vous écrivez ici ira dans le fichier
release-changelog-merged = Ce qui figure sous « Unreleased » est gardé, ce que seuls les commits disent est ajouté
release-changelog-edited = Votre propre texte ; il ira tel quel dans le fichier
release-changelog-reset = Revenir à l’ébauche
release-dialog-title = Livrer une version
release-dialog-text = Les fichiers de version et le journal sont écrits et validés, les artefacts sont construits de ce commit, puis il est étiqueté et empaqueté. Jusqu’à l’étiquette, tout est annulé si une étape échoue.
release-choice-commits = Selon les commits
release-choice-own = Autre
release-choice-pre = Préversion
release-choice-channel = Canal
release-bad-channel = { $name } n’est pas un nom de canal
release-bad-channel-hint = Des lettres, des chiffres et des tirets, comme alpha, beta ou rc.
release-col-version = Version
release-col-date = Faite
release-col-commit = Commit
release-col-tag = Étiquette
release-col-files = Fichiers
release-col-size = Taille
release-col-places = Tourne dans
release-fact-previous = Précédente
release-notes = Notes
release-place-since = depuis { $age }
release-place-failed = a échoué { $ago }
release-place-until = jusqu’à il y a { $age }
release-copy-folder = Copier le chemin du dossier
release-copy-sums = Copier les sommes SHA-256
release-to-deploy = Aller à Déployer

release-tab-matrix = Matrice
release-again = Reconstruire depuis son étiquette
release-elsewhere = Les fichiers de { $version } ne sont pas ici : elle a été faite ailleurs
release-elsewhere-hint = « chantier release again { $version } » la construit depuis son étiquette
release-again-no-tag-hint = Aucune étiquette de cette version n’est ici : « git fetch --tags » apporte celles des autres
release-again-differs = Ce que donne maintenant l’étiquette de { $version } n’est pas ce qui a été livré sous ce nom
release-again-differs-hint = Rien n’a été gardé : faites une nouvelle version, ou reprenez les fichiers de { $version } d’une copie du dossier personnel
release-nothing-again-hint = Ses fichiers ne sont pas ici : « chantier release again { $version } » les construit depuis son étiquette
release-verify = Vérifier les fichiers
release-verified = Vérification
release-verified-good = { $n ->
    [0] Aucun fichier tel qu’il a été fait
    [1] Un fichier tel qu’il a été fait
   *[other] { $n } fichiers tels qu’ils ont été faits
}
release-verify-file = { $name }
release-verify-signature = Signature
release-verify-same = tel qu’il a été fait ; SHA-256 { $sum }
release-verify-gone = n’est plus à { $path }
release-verify-changed = a été modifié : le SHA-256 est { $now }, il était { $then }
release-verify-signed = bonne : { $comment }
release-verify-unsigned = non signée
release-verify-no-key = signée, mais le projet ne nomme aucune clé publique
release-verify-no-key-hint = Écrivez la clé publique de minisign dans release.public_key de chantier.toml.
release-verify-failed-hint = Retirez { $version }, ou refaites-la sous une autre version : les fichiers d’une version ne changent jamais.
release-withdraw = Retirer…
release-withdraw-title = Retirer { $version } ?
release-withdraw-text = Plus personne ne pourra la déployer ni y revenir. Ce qui tourne déjà continue, et vous pouvez revenir sur ce choix.
release-withdraw-reason = Pourquoi
release-withdraw-reason-hint = Ce qui ne va pas
release-withdraw-confirm = Retirer
release-withdraw-why = Une version se retire avec une raison
release-withdraw-why-hint = Dites en quelques mots ce qui ne va pas : Déployer le dit à quiconque rencontre la version.
release-withdraw-unknown-hint = Seules les versions faites ici peuvent être retirées : chantier release list
release-restore = Rétablir
release-check-packing = Signature et paquet
release-found-packing-key = La clé est là et convient
release-found-packing-deb = Le paquet peut être fait
release-found-packing-both = La clé convient, et le paquet peut être fait
release-sbom-failed = La nomenclature n’a pas pu être écrite
release-lock-loose = { $n ->
    [1] Une dépendance ne nomme aucune version, la nomenclature n’en parle donc pas
   *[other] { $n } dépendances ne nomment aucune version, la nomenclature n’en parle donc pas
}
release-lock-loose-hint = Fixez-les, par exemple avec « pip freeze » ou « pip-compile ».
release-lock-unread = { $path } ne peut pas être lu, la nomenclature n’en parle donc pas
release-lock-unread-hint = Faites-le réécrire par son outil ; release.sbom = false ne fait pas de nomenclature.

release-goes-with-whole = { $name } porte la version de tout le dépôt
release-goes-with-whole-hint = Demandez la prochaine version sans nommer de paquet ; tous ceux qui vont ensemble la reçoivent
release-why-with-whole = Va avec tout le dépôt
release-only-packages = { $n ->
    [1] Un paquet a sa propre version, et l’ensemble du dépôt n’en a pas
   *[other] { $n } paquets ont leur propre version, et l’ensemble du dépôt n’en a pas
}
release-only-packages-hint = Nommez-en un par --package, ou ouvrez-le dans la liste des paquets : { $names }. La forme des étiquettes de l’ensemble se dit par release.tag dans chantier.toml
release-no-package = Il n’y a pas de paquet { $name }
release-no-package-hint = Il y a { $names }
release-no-packages = Aucun paquet n’a sa propre version
release-no-packages-hint = Les membres des espaces de travail de Cargo et de npm qui ont leur version sont trouvés ; les autres se nomment par [[release.package]]
release-package-empty = Aucun fichier de { $path } n’indique la version de { $name }
release-package-empty-hint = Nommez-le dans version_files du paquet ; si seule l’étiquette indique la version, écrivez sa forme dans tag
release-tab-packages = Paquets
release-packages-none = Aucun paquet de cet espace de travail n’a sa propre version
release-package-look = Voir sa prochaine version
release-package-whole = Revenir à l’ensemble
release-package-of = Paquet { $name }
release-col-package = Paquet
release-col-last = Dernière
release-col-next = Prochaine
release-col-changes = Changements
release-col-why = Pourquoi
release-job-rehearse = Répéter la livraison
release-rehearse = Répéter
release-rehearse-forbidden = Réglez d’abord ce qui empêche la livraison
release-rehearsed = répétée { $since }
release-rehearsed-failed = répétition échouée { $since }
release-rehearsal-of = Répétition de { $version }
release-bill = Paquets depuis la dernière version
release-bill-added = ajouté
release-bill-removed = retiré
release-bill-updated = mis à jour
release-check-flaky = Tests instables
release-check-flaky-yes = { $n ->
    [0] Aucun test
    [1] Un test a échoué et réussi sur les mêmes sources : { $first }
   *[other] { $n } tests ont échoué et réussi sur les mêmes sources, le premier est { $first }
}
release-check-flaky-no = Aucun dans les derniers résultats
release-check-flaky-unknown = Aucun test n’a encore été lancé
release-check-items = Éléments du jalon
release-check-items-none = Aucun jalon n’est ouvert
release-check-items-done = { $milestone } est terminé
release-check-items-open = { $n ->
    [0] Aucun n’est ouvert dans { $milestone }
    [1] Un est ouvert dans { $milestone } : { $first }
   *[other] { $n } sont ouverts dans { $milestone }, le premier est { $first }
}
release-check-todos = TODO ajoutés
release-check-todos-no = Aucun depuis la dernière version
release-check-todos-yes = { $n ->
    [0] Aucun depuis la dernière version
    [1] Un depuis la dernière version, à { $first }
   *[other] { $n } depuis la dernière version, le premier à { $first }
}
release-check-migrations = Migrations ajoutées
release-check-migrations-no = Aucune depuis la dernière version
release-check-migrations-yes = { $n ->
    [0] Aucune depuis la dernière version
    [1] Une depuis la dernière version : { $first }
   *[other] { $n } depuis la dernière version, la première est { $first }
}
release-check-packages = Nomenclature
release-check-packages-none = La dernière version et ce commit n’ont pas de fichier de verrou commun : rien à comparer
release-check-packages-found = Depuis la dernière version, ajoutés : { $added }, mis à jour : { $updated }, retirés : { $removed }
release-check-advisories = Avis de sécurité
release-check-advisories-no = Aucun n’est connu pour ces paquets
release-check-advisories-yes = { $n ->
    [0] Aucune vulnérabilité
    [1] Une vulnérabilité
   *[other] { $n } vulnérabilités
}{ $notices ->
    [0] { "" }
    [1] , un avertissement
   *[other] , { $notices } avertissements
} : { $first }
release-check-advisories-hint = { $ids }
release-check-rollback = Retour en arrière
release-check-rollback-yes = Déjà fait : { $environment } est revenu à { $version }
release-check-rollback-no = Aucun environnement n’est jamais revenu à une version antérieure
release-check-rollback-proven = Prouvé sur un clone de { $environment }, { $version } → { $from }, { $days ->
    [0] aujourd’hui
    [1] hier
   *[other] il y a { $days } jours
}
release-check-rollback-unproven = Échoué sur un clone de { $environment }, { $version } → { $from }, { $days ->
    [0] aujourd’hui
    [1] hier
   *[other] il y a { $days } jours
}
release-check-rehearsal = Répétition
release-check-rehearsal-none = Jamais répétée
release-check-rehearsal-stale = { $version } a été répétée sur un autre commit
release-check-rehearsal-good = { $version } a été répétée sur ce commit
release-check-rehearsal-failed = A échoué sur ce commit : { $step }
release-job-look-together = Examiner les dépôts
release-job-together = Livrer { $version } de tous les dépôts
release-together-one = Il n’y a qu’un dépôt ici
release-together-one-hint = « chantier release run » le livre
release-only-together = { $n ->
    [1] Cet espace de travail n’est dans aucun dépôt et en contient un
   *[other] Cet espace de travail n’est dans aucun dépôt et en contient { $n } : ils sont livrés ensemble
}
release-only-together-hint = « chantier release together VERSION --check » les examine, sans --check il les livre ; « --repo CHEMIN » travaille dans l’un d’eux
release-together-version-first = Saisissez d’abord la version, par exemple 2.0.0
release-together-here = Présent
release-together-not-here = Le manifeste le nomme, et il n’est pas ici
release-together-commit = Commit
release-together-unpushed = Poussé
release-together-unpushed-yes = Le commit n’est encore sur aucun dépôt distant
release-together-stashes = Remises
release-together-stashes-yes = { $n ->
    [0] Aucune remise
    [1] Une remise n’est dans aucun commit
   *[other] { $n } remises ne sont dans aucun commit
}
release-together-not-ready = { $n ->
    [0] { $path } est prêt
    [1] { $path } n’est pas prêt
   *[other] { $path } et d’autres ne sont pas prêts
}
release-together-made = { $version } a déjà été faite
release-together-untagged = Aucun dépôt n’a l’étiquette
release-together-half = Des dépôts distants ont { $version } : « chantier release together { $version } » poursuit, « chantier release abort » l’abandonne
release-together-unfinished-hint = « chantier release together { $version } » la poursuit, « chantier release abort » l’abandonne
release-tab-repositories = Dépôts
release-together-moved = { $remote } refuserait { $branch } : d’autres y ont poussé
release-together-left = { $n ->
    [1] Un dépôt garde { $tag } : son dépôt distant l’a
   *[other] { $n } dépôts gardent { $tag } : leurs dépôts distants l’ont
}
release-together-abort-text = Ses étiquettes disparaissent là où aucun dépôt distant ne les a encore.
release-together-text = Tous les dépôts de l’espace de travail reçoivent une étiquette, ou aucun ; puis chacun est poussé, et les commits exacts sont gardés avec la version.
release-together-look = Les examiner
release-together-look-first = Examinez d’abord les dépôts ; rien ne doit l’empêcher
release-together-run = Tout livrer
release-together-title = Livrer { $version } de tous les dépôts ?
release-together-confirm = Chacun est étiqueté et poussé avec sa branche. Dès qu’un dépôt distant l’a, rien n’est plus annulé.
release-together-pushed = étiqueté, poussé vers { $remotes }
release-together-tagged = étiqueté
release-check-image = Image de conteneur
release-found-image = Elle s’appellera { $name }
release-build-image = Construire l’image { $name }
release-image-name = { $name } n’est pas un nom d’image
release-image-name-hint = Minuscules, chiffres, . _ - et /, sans étiquette : la version est l’étiquette
