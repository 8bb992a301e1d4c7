# Planifier : filtre, temps, jalons, prévision, suivi, échanges, modèles
plan-job-cover-many = Où en sont les éléments du tableau
plan-job-cover = Où en est { $id }
plan-job-edit-many =
    { $n ->
        [1] Modifier un élément
       *[other] Modifier { $n } éléments
    }
plan-job-export = Écrire les éléments en { $format }
plan-job-follow = Faire suivre les éléments
plan-job-forecast = Prévision
plan-job-history = Lire l’historique des éléments
plan-job-import = Lire des éléments de { $path }
plan-job-renumber = Donner un autre identifiant à { $path }
plan-job-rules = Écrire les règles du plan
plan-job-template = Créer les éléments de { $name }
plan-job-templates = Chercher les modèles
plan-job-view = Enregistrer la vue { $name }
plan-job-view-remove = Supprimer la vue { $name }

plan-field-start = Début
plan-field-waiting = Éléments en attente
plan-field-parts = Parties
plan-field-origin = Vient de
plan-field-progress = Avancement
plan-field-forecast = Prévision

plan-filter-unknown = « { $word } » n’est pas compris
plan-filter-none-yet = Aucun élément du plan n’en a encore
plan-filter-estimate = « { $text } » n’est pas une estimation
plan-filter-order = « { $key } » n’a pas d’ordre
plan-filter-order-hint = < et > vont avec start, due, created, updated, estimate et priority
plan-filter-day-hint = Écrivez-le comme 2026-12-01, 2026-12, aujourd’hui, vendredi, 5d, 2w ou -3d

plan-blocked-by = attend { $ids }
plan-roll-up = { $n } parties sur { $all }, { $percent } %
plan-roll-up-effort = , { $done } sur { $all }
plan-many-failed = { $n } éléments sur { $all } n’ont pas pu être modifiés
plan-made-many =
    { $n ->
        [0] Aucun élément n’a été créé
        [1] Un élément a été créé
       *[other] { $n } éléments ont été créés
    }
plan-bulk-all = Un filtre vide modifierait tous les éléments
plan-bulk-all-hint = Dites lesquels : is:open sont tous ceux qui ne sont pas terminés
plan-no-file = Il n’y a pas de fichier { $path } dans cet espace de travail

plan-cli-no-time = Ce que doit devenir { $id } n’est pas dit
plan-cli-no-time-hint = Dites --by 3d, --start 2026-12-01 ou --due 2026-12-01
plan-cli-by = « { $typed } » n’est pas une durée
plan-cli-by-hint = Écrivez-la comme 3d, 2w ou -3d ; le dernier jour n’est pas avant le premier
plan-cli-days = Le dernier jour serait avant le premier
plan-cli-days-hint = Il commencerait le { $start } et finirait le { $due }
plan-timeline-ends =
    { $n ->
        [1] Tout est terminé le { $day } au plus tôt ; un élément est sur le chemin critique (#)
       *[other] Tout est terminé le { $day } au plus tôt ; { $n } éléments sont sur le chemin critique (#)
    }

plan-milestones-none = Il n’y a pas encore de jalon : c’est un élément du type jalon
plan-milestone-none = Il n’y a pas de jalon « { $id } »
plan-milestone-none-hint = `chantier plan milestone list` les montre tous, `chantier plan new "milestone: { $name }"` le crée
plan-milestone-line = { $n } sur { $all } terminés, { $percent } %
plan-burn-line = reste { $left } sur { $all }

plan-forecast-nothing = Rien n’est ouvert
plan-forecast-little = On en sait trop peu : { $done } terminés, l’historique dit pour { $n } combien de temps ils ont pris, il en faut { $least }
plan-forecast-by = Sûr à { $sure } % pour le { $day }
plan-forecast-data = { $open } ouverts, dont { $busy } en cours ; d’après { $n } éléments terminés (la moitié en moins de { $median } jours), { $lanes } en cours à la fois, { $trials } simulations

plan-followed-nothing = Rien ne s’est passé qui change un élément
plan-followed-tick = { $id } : { $test } a réussi, son critère est rempli
plan-followed-untick = { $id } : { $test } a échoué, son critère n’est plus rempli
plan-bind-unknown = Aucune exécution n’a eu de test nommé « { $test } » : le critère sera rempli quand il réussira
plan-bind-near = « { $word } » est connu
plan-followed-gone = { $id } : le test { $test } n’existe plus, son critère n’est pas rempli
plan-followed-rule = { $id } passe à { $state } : { $what }

plan-rules-none = Aucune règle ne déplace les éléments ; chantier plan rules --usual écrit celles qui conviennent à la plupart des projets
plan-rules-way = De { $from }, un élément peut passer à { $to }
plan-rule-wrong = « { $typed } » n’est pas une règle
plan-rule-hint = Écrivez ÉVÉNEMENT=ÉTAT ; les événements sont commit, merged, tests, criteria, released, deployed et deployed@ENVIRONNEMENT
plan-rule-file = Les règles ne peuvent pas être écrites dans chantier.toml
plan-rule-environment = Une règle nomme l’environnement « { $name } », qui n’existe pas
plan-rule-commit = Un commit qui nomme un élément le fait passer à { $state }
plan-rule-merged = Un élément dont un commit est dans la branche principale passe à { $state }
plan-rule-tests = Un élément dont les tests ont réussi passe à { $state }
plan-rule-criteria = Un élément dont tous les critères sont remplis passe à { $state }
plan-rule-released = Un élément qui est dans une livraison passe à { $state }
plan-rule-deployed = Un élément déployé et en bonne santé passe à { $state }
plan-rule-deployed-to = Un élément déployé en { $environment } et en bonne santé passe à { $state }

plan-views-empty = Aucune vue n’est encore enregistrée
plan-views-none = Il n’y a pas de vue « { $name } »
plan-views-no-name = Une vue a besoin d’un nom
plan-views-twice = La vue « { $name } » figure deux fois
plan-views-group = La vue « { $name } » est groupée par autre chose que { $words }
plan-views-toml = Le fichier des vues enregistrées n’est pas du TOML valide

plan-import-updated = { $n ->
    [1] Un élément a été changé pour dire ce que dit le fichier
   *[other] { $n } éléments ont été changés pour dire ce que dit le fichier
}
plan-import-differ = { $n ->
    [1] Le fichier dit autre chose d’un élément ; --update le reprend
   *[other] Le fichier dit autre chose de { $n } éléments ; --update le reprend
}
plan-export-ending = Les éléments ne s’écrivent pas en « { $ending } »
plan-export-ending-hint = Nommez un fichier qui finit en .csv ou .json, ou dites --format csv, json, github ou gitlab
plan-filter-or = Un filtre ne connaît pas { $word } : tous les termes doivent convenir
plan-filter-or-hint = Plusieurs valeurs d’une clé s’écrivent avec des virgules : type:bug,feature
plan-import-json = Le fichier n’est pas du JSON valide
plan-import-no-list = Le fichier ne contient pas de liste d’éléments
plan-import-pulls = Demandes de fusion laissées de côté, ce ne sont pas des tickets : { $n }
plan-import-csv = Le fichier n’est pas du CSV valide
plan-import-quote = La ligne { $n } ouvre un guillemet que rien ne ferme : ce qui suit n’est pas une ligne, et elle est laissée de côté
plan-import-columns = Aucune clé ne correspond aux colonnes { $names } : elles restent avec les éléments sous leur propre nom
plan-import-column-twice = La colonne « { $name } » est la deuxième pour { $key } : c’est elle qui compte
plan-import-row = La ligne { $n } n’a pas de titre et est laissée de côté
plan-import-mapped = Ligne { $n } : { $key } ne connaît pas « { $word } » ici ; { $taken } est pris à la place, et le mot reste avec l’élément
plan-import-left = Ligne { $n } : { $key } ne peut pas être « { $word } » ; la valeur reste vide, et le mot reste avec l’élément
plan-import-file-hint = Nommez un fichier d’éléments : CSV, JSON, ou des tickets de GitHub ou GitLab en JSON
plan-import-no-title = Le tableau n’a pas de colonne « title »
plan-import-no-title-hint = Les colonnes sont { $words } ; les autres restent avec l’élément
plan-import-would = { $n ->
    [0] Aucun élément ne serait créé
    [1] Un élément serait créé
   *[other] { $n } éléments seraient créés
}, { $known } déjà là ({ $format })
plan-import-done = { $n ->
    [0] Aucun élément créé
    [1] Un élément créé
   *[other] { $n } éléments créés
}, { $known } déjà là ({ $format })
plan-export-done = { $n ->
    [0] Aucun élément écrit
    [1] Un élément écrit
   *[other] { $n } éléments écrits
} dans { $path }

plan-template-items =
    { $n ->
        [0] aucun élément
        [1] un élément
       *[other] { $n } éléments
    }
plan-template-none = Il n’y a pas de modèle « { $name } »
plan-template-wrong = Le modèle « { $name } » n’est pas correct
plan-template-value = Le modèle { $name } n’a pas de mot « { $word } »
plan-template-value-hint = Écrivez --set MOT=VALEUR

plan-cover-branch = Branche
plan-cover-live = En service
plan-coverage = Parcours
plan-cover-commits = { $n ->
    [1] un commit
   *[other] { $n } commits
}, dernier { $oid }
plan-cover-tests = { $failed ->
    [0] { $passed } réussis
   *[other] { $passed } réussis, { $failed } échoués
}
plan-cover-healthy = en bonne santé
plan-cover-incident = incident : { $title }

plan-tab-timeline = Calendrier
plan-tab-milestones = Jalons
plan-group-by = Grouper par
plan-lanes-by = Couloirs par
plan-group-none = Sans groupes
plan-lanes-none = Sans couloirs
plan-view-none = Tous les éléments
plan-view-save = Enregistrer la vue…
plan-view-remove = Supprimer cette vue
plan-view-name = Nom
plan-view-save-title = Enregistrer cette vue
plan-view-save-do = Enregistrer
plan-none-of-it = Aucun
plan-selected =
    { $n ->
        [0] rien de sélectionné
        [1] un sélectionné
       *[other] { $n } sélectionnés
    }
plan-bulk-state = Changer l’état
plan-bulk-priority = Changer la priorité
plan-bulk-label = Ajouter une étiquette
plan-bulk-assignee = Changer le responsable
plan-bulk-clear = Effacer la sélection
plan-changed-many =
    { $n ->
        [0] Rien n’a été modifié
        [1] Un élément modifié
       *[other] { $n } éléments modifiés
    }
plan-timeline-none = Aucun élément n’a ces mots
plan-timeline-day = Jours
plan-timeline-week = Semaines
plan-timeline-month = Mois
plan-timeline-followers = Déplacer aussi ce qui attend
plan-timeline-planned = Prévu jusqu’au { $planned }, pourrait être fini le { $day }, { $n } sur le chemin critique
plan-timeline-summary = Terminé le { $day } au plus tôt, { $n } sur le chemin critique
plan-timeline-said = { $id } { $title }, du { $start } au { $end }
plan-timeline-critical = chemin critique
plan-timeline-slack =
    { $n ->
        [0] aucune marge
        [1] un jour de marge
       *[other] { $n } jours de marge
    }
plan-done-open = Encore ouverts pour { $id } : éléments requis { $needs }, parties { $parts }, critères { $criteria }, définition de terminé { $checks }
plan-moved-into = { $id } est maintenant dans « { $state } »
plan-moved-to = { $id } va maintenant du { $start } au { $end }
plan-burn-down = Reste à faire
plan-burn-up = Travail accompli
plan-burn-left = Reste
plan-burn-ideal = Rythme régulier
plan-burn-all = Total
plan-burn-done = Terminés
plan-burn-due = Échéance
plan-burn-none = Pas encore d’historique : les éléments de ce jalon n’ont pas été commités
plan-forecast-title = Prévision
plan-forecast-chart = Simulations terminées le
plan-forecast-sure = { $day }, sûr à { $sure } %
plan-forecast-ask = Recalculer
plan-history-note =
    { $n ->
        [0] aucun commit d’éléments
        [1] d’après un commit
       *[other] d’après { $n } commits
    }
plan-done-list = Définition de terminé
plan-decisions = Décisions
plan-import = Importer…
plan-export-csv = Exporter en CSV…
plan-export-json = Exporter en JSON…
plan-import-title = Importer { $path }
plan-import-do = Importer
plan-import-known = déjà là : { $id }
plan-template = Depuis un modèle…
plan-template-title = Éléments d’un modèle
plan-template-do = Créer les éléments
plan-template-which = Modèle
plan-rules = Règles…
plan-rules-title = Ce qui déplace les éléments
plan-rules-usual = Prendre les règles habituelles
plan-rules-edit = Modifier chantier.toml
plan-follow = Suivre maintenant
plan-new-id = Donner un autre identifiant à { $file }
plan-parts = Parties
