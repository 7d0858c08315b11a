/** Which of the tables under the map is shown. */
class Pane {
  tab = $state('all');
}

export const pane = new Pane();
