// @ts-check
import DefaultTheme from "vitepress/theme";
// After the theme, for it says otherwise.
import "./style.css";

export default DefaultTheme;
