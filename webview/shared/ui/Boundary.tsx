import { Component, type ReactNode } from 'react';

interface Props {
  /** What is shown in place of what can't be drawn. */
  instead(error: unknown): ReactNode;
  children: ReactNode;
}

/** Keeps what can't be drawn from taking everything around it away. */
export class Boundary extends Component<Props, { failure?: { error: unknown } }> {
  override state: { failure?: { error: unknown } } = {};

  static getDerivedStateFromError(error: unknown) {
    return { failure: { error } };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    return failure ? this.props.instead(failure.error) : this.props.children;
  }
}
