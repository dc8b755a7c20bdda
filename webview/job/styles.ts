/** The style sheets of the pages of jobs and models, also of what these load later. */
import '@xyflow/react/dist/base.css';
import '../shared/analysis/analysis.css';
import '../shared/cards/cards.css';
import '../shared/chart/chart.css';
import '../shared/graph/graph.css';
import '../shared/log/ansi.css';
import '../shared/files/files.css';
import './environment/packages.css';
import './header.css';
import './lineage/lineage.css';
import './log/log.css';
import './traces/traces.css';
import './overview/notes.css';
import './trials/trials.css';
import '../model/facts.css';
import '../model/model.css';
import '../asset/asset.css';
