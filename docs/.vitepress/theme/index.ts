/** The theme: one layout, the components that Markdown may use, nothing of VitePress's default look. */
import type { Theme } from 'vitepress'
import { registerFigures } from './figures/index.ts'
import Layout from './Layout.vue'
import AnswerField from './lesson/AnswerField.vue'
import ChoiceBox from './lesson/ChoiceBox.vue'
import CommandBlock from './lesson/CommandBlock.vue'
import DockerBox from './lesson/DockerBox.vue'
import LessonFold from './lesson/LessonFold.vue'
import LessonStep from './lesson/LessonStep.vue'
import NotFound from './pages/NotFound.vue'
import './styles/fonts.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/prose.css'
import './styles/figures.css'

export default {
  Layout,
  NotFound,
  enhanceApp({ app }) {
    for (const [name, component] of Object.entries({
      AnswerField,
      ChoiceBox,
      CommandBlock,
      DockerBox,
      LessonFold,
      LessonStep,
    })) {
      app.component(name, component)
    }
    registerFigures(app)
  },
} satisfies Theme
