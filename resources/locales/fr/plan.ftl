# Planifier : les éléments de travail
plan-job-load = Lire le plan
plan-job-watch = Surveiller le plan
plan-job-create = Nouvel élément « { $title } »
plan-job-show = Lire { $id }
plan-job-check = Vérifier le plan
plan-job-edit = Modifier { $id }
plan-job-move =
    { $state ->
        [ready] Déplacer { $id } vers « { plan-state-ready } »
        [in-progress] Déplacer { $id } vers « { plan-state-in-progress } »
        [review] Déplacer { $id } vers « { plan-state-review } »
        [done] Déplacer { $id } vers « { plan-state-done } »
       *[other] Déplacer { $id } vers « { $state } »
    }
plan-job-delete = Supprimer { $id }
plan-job-undo = Annuler une action sur des éléments
plan-job-acts = Donner les actions sur des éléments
plan-job-restore = Rétablir un élément supprimé
plan-undo-delete = { $id } supprimé, { $title }

plan-kind-feature = Fonctionnalité
plan-kind-bug = Anomalie
plan-kind-performance = Performance
plan-kind-chore = Entretien
plan-kind-milestone = Jalon
plan-priority-urgent = Urgente
plan-priority-high = Haute
plan-priority-medium = Moyenne
plan-priority-low = Basse
plan-state-ready = Prêt
plan-state-in-progress = En cours
plan-state-review = En revue
plan-state-done = Terminé
plan-column-other = Autres états

plan-field-state = État
plan-field-type = Type
plan-field-priority = Priorité
plan-field-labels = Étiquettes
plan-field-assignee = Responsable
plan-field-due = Échéance
plan-field-estimate = Estimation
plan-field-milestone = Jalon
plan-field-parent = Fait partie de
plan-field-depends = Dépend de
plan-field-created = Création
plan-field-file = Fichier

plan-flaw-too-large = Le fichier dépasse { $kib } Kio
plan-flaw-utf8 = Le fichier n’est pas en UTF-8
plan-flaw-conflict = Le fichier contient un conflit de fusion non résolu
plan-flaw-no-front-matter = Le fichier ne commence pas par --- et ses valeurs
plan-flaw-not-closed = Les valeurs ne sont pas fermées par une ligne ---
plan-flaw-yaml = Les valeurs en tête ne sont pas du YAML valide
plan-flaw-key-twice = « { $key } » y figure deux fois
plan-flaw-conflict-hint = `chantier code conflicts { $file }` montre les deux côtés ; d’ici là, le fichier reste tel quel
plan-in-conflict = en conflit
plan-solve = Résoudre le conflit de fusion
plan-flaw-odd-layout = « { $key } » est écrit d’une façon que seule une main devrait modifier
plan-flaw-hint = Corrigez-le dans un éditeur ; d’ici là, le fichier reste tel quel

plan-remark-missing = « { $key } » manque
plan-remark-value = « { $key } » contient plus que de simples valeurs
plan-remark-date = « { $key } » n’est pas une date : { $text }
plan-remark-date-hint = Écrivez-la comme 2026-12-01
plan-remark-days = « due » précède « start »
plan-remark-days-hint = Le dernier jour n’est pas avant le premier
plan-remark-estimate = « estimate » n’est pas une estimation : { $text }
plan-remark-estimate-hint = Écrivez-la comme 3h, 2d, 1.5w, ou 5 pour des points
plan-remark-kind = Le type « { $word } » n’existe pas
plan-remark-state = Le flux n’a pas d’état « { $word } »
plan-remark-priority = La priorité « { $word } » n’existe pas
plan-remark-rank = « rank » n’est pas un nombre : { $text }
plan-remark-words-hint = Les mots possibles sont { $words }

plan-no-item = Il n’y a pas d’élément « { $id } »
plan-no-item-hint = chantier plan list les montre tous
plan-quick-priority = « { $word } » n’est pas une priorité
plan-quick-words-hint = Écrivez { $words }, ou \{ $word } comme mot du titre
plan-quick-due = « { $word } » n’est pas un jour
plan-quick-due-hint = Écrivez { $key }:2026-12-01, { $key }:aujourd’hui, { $key }:demain, { $key }:vendredi, { $key }:5d ou { $key }:2w, ou \{ $word } comme mot du titre
plan-quick-estimate = « { $word } » n’est pas une estimation
plan-quick-estimate-hint = Écrivez ~3h, ~2d, ~1.5w, ou ~5 pour des points, ou \{ $word } comme mot du titre
plan-no-title = Un élément a besoin d’un titre
plan-no-title-hint = Dites en quelques mots ce qu’il y a à faire
plan-no-state = Le flux n’a pas d’état « { $word } »
plan-no-way = { $id } ne peut pas passer de { $from } à { $to }
plan-no-way-hint = De là, il peut passer à { $states }
plan-changed-meanwhile =
    { $key ->
        [none] { $id } a été modifié entre-temps dans son fichier
       *[other] « { $key } » de { $id } a été modifié entre-temps dans son fichier
    }
plan-changed-meanwhile-hint = La valeur actuelle est affichée ; refaites la modification si elle reste voulue
plan-body-cut = Le texte de { $id } est trop long pour être modifié ici ; ouvrez son fichier
plan-no-criterion = { $id } n’a plus ce critère
plan-no-criterion-number = { $id } n’a pas de critère de ce numéro
plan-criteria-count =
    { $n ->
        [0] Il n’en a aucun
        [1] Il en a un
       *[other] Ils sont numérotés de 1 à { $n }
    }
plan-is-there = Le fichier { $path } existe déjà
plan-nothing-to-undo = Il n’y a pas d’action sur des éléments à annuler
plan-act-undone = annulée
plan-undo-past-hint = C’est l’action { $number }, et ce qu’elle a écrit est autre ici, comme sur une autre branche ; l’action d’avant : chantier plan undo { $before } ; toutes : chantier plan undo --list
plan-nothing-to-restore = Il n’y a pas d’élément supprimé à reprendre

plan-check-found =
    { $n ->
        [0] Le plan n’a pas de problème
        [1] Le plan a un problème
       *[other] Le plan a { $n } problèmes
    }
plan-check-twice = L’identifiant { $id } figure dans plusieurs fichiers
plan-check-twice-hint = `chantier plan renumber FILE` donne un autre identifiant au plus récent
plan-check-link = { $id } renvoie à { $to }, qui n’existe pas
plan-check-milestone = { $id } appartient au jalon « { $to } », qui n’existe pas
plan-check-milestone-hint = `chantier plan new "milestone: { $name }"` le crée
plan-check-waits = Un élément s’attend lui-même, par ce qu’il lui faut et par ses parties : { $ids }
plan-check-circle = « { $key } » tourne en rond : { $ids }
plan-show-board = Voir le tableau
plan-check-limit = { $state ->
    [ready] { plan-state-ready }
    [in-progress] { plan-state-in-progress }
    [review] { plan-state-review }
    [done] { plan-state-done }
   *[other] { $state }
} contient { $n ->
    [one] { $n } élément
   *[other] { $n } éléments
}, { $limit ->
    [one] { $limit } est permis
   *[other] { $limit } sont permis
}

plan-cli-none = Aucun élément
plan-cli-sound =
    { $n ->
        [0] Aucun élément, rien à redire
        [1] Un élément, rien à redire
       *[other] { $n } éléments, rien à redire
    }
plan-cli-created = { $id } créé
plan-cli-changed = { $id } modifié
plan-cli-undone = Annulé : { $what }
plan-cli-restored = { $id } est de retour
plan-cli-deleted = { $id } supprimé ; chantier plan restore { $undo } le reprend
plan-cli-value = « { $typed } » ne peut pas être appliqué : { $key }
plan-cli-day-hint = Écrivez-le comme 2026-12-01, aujourd’hui, vendredi, 5d ou 2w
plan-cli-value-hint = Écrivez clé=valeur ; les clés sont title, type, state, priority, labels, label+, label-, start, due, estimate, assignee, parent, depends, depends+, depends-, milestone, criterion+, done+, note+
plan-due-on = échéance { $day }
plan-unreadable-count =
    { $n ->
        [1] Un fichier est illisible : chantier plan check
       *[other] { $n } fichiers sont illisibles : chantier plan check
    }

plan-tab-board = Tableau
plan-tab-table = Liste
plan-tab-problems = Problèmes
plan-new = Nouvel élément…
plan-refresh = Relire
plan-edit = Modifier…
plan-move-to = Passer à { $state }
plan-move-n-to = Passer { $n } éléments à { $state }
plan-delete-n = Supprimer { $n } éléments
plan-copy-n = Copier { $n } identifiants
plan-delete = Supprimer { $id }
plan-copy = Copier { $id }
plan-removed = { $id } supprimé
plan-filter = Filtrer les éléments
plan-filter-empty = Aucun élément ne contient ces mots
plan-choose-workspace = Choisissez un espace de travail ci-dessus pour voir son plan
plan-empty = Ce qu’il y a à faire dans cet espace de travail se trouve ici, un fichier Markdown par élément dans .chantier/plan
plan-no-problems = Rien à redire à ce plan
plan-subtitle =
    { $n ->
        [0] aucun élément
        [1] un élément
       *[other] { $n } éléments
    }, { $busy } en cours
plan-subtitle-milestone = , jalon { $name } à { $percent } %
plan-of-limit = { $n } sur { $limit }
plan-shown-of = { $n ->
    [one] { $n } affiché
   *[other] { $n } affichés
}, { $all }
plan-add-to = Nouvel élément dans { $state }
plan-late = en retard
plan-criteria-done = { $n ->
    [one] { $n } critère rempli
   *[other] { $n } critères remplis
} sur { $all }
plan-share = { $n } sur { $all }
plan-field-id = Identifiant
plan-field-title = Titre
plan-field-criteria = Critères
plan-acceptance = Critères d’acceptation
plan-add-criterion = Ajouter un critère
plan-add-note = Ajouter une remarque
plan-text = Texte
plan-belongs = En fait partie
plan-belongs-none = Aucun élément ne nomme encore ce jalon
plan-created-on = depuis le { $day }
plan-today = aujourd’hui
plan-in-days =
    { $n ->
        [1] demain
       *[other] dans { $n } jours
    }
plan-days-ago =
    { $n ->
        [1] hier
       *[other] il y a { $n } jours
    }

plan-form-left = Les modifications de { $id } n’ont pas été enregistrées
plan-form-again = Rouvrir le formulaire
plan-form-new = Nouvel élément
plan-form-create = Créer l’élément
plan-form-edit = Modifier { $id }
plan-form-save = Enregistrer { $id }
plan-title-hint = Ce qu’il y a à faire, en quelques mots
plan-quick-help = Les signes du titre comptent aussi : bug: au début, #étiquette, !high, @me, ^jalon, ~3h, start:vendredi, due:2026-12-01
plan-priority-none = Aucune
plan-labels-hint = api, stockage
plan-assignee-hint = me, ou un nom
plan-due-hint = 2026-12-01, tomorrow ou 5d
plan-estimate-hint = 3h ou 2d
plan-depends-hint = Identifiants, séparés par des virgules
plan-text-hint = Pourquoi, comment, et ce qui doit être vrai à la fin : - [ ] …
