// @ts-check
import { defineAsyncComponent } from "vue";
import DefaultTheme from "vitepress/theme";
// After the theme, for it says otherwise.
import "./style.css";

/** @type {import("vitepress").Theme} */
export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    // With the store, which only this page needs.
    app.component(
      "Playground",
      defineAsyncComponent(() => import("./playground/Playground.vue")),
    );
  },
};
