import type { Attachment } from 'svelte/attachments';

/**
 * Closes what a button of the element has opened (`aria-expanded`): by Escape, which gives the
 * focus back to the button, and when the pointer or the focus goes elsewhere.
 */
export function lightDismiss(close: () => void): Attachment<HTMLElement> {
  return (root) => {
    const opener = (): HTMLButtonElement | null =>
      root.querySelector(':scope > button[aria-expanded="true"]');
    const onKey = (event: KeyboardEvent): void => {
      const button = opener();
      if (event.key !== 'Escape' || !button) return;
      event.preventDefault();
      event.stopPropagation();
      close();
      button.focus();
    };
    const closeUnlessWithin = (target: EventTarget | null): void => {
      if (target instanceof Node && !root.contains(target) && opener()) close();
    };
    const onPointer = (event: PointerEvent): void => closeUnlessWithin(event.target);
    const onLeave = (event: FocusEvent): void => closeUnlessWithin(event.relatedTarget);
    root.addEventListener('keydown', onKey);
    root.addEventListener('focusout', onLeave);
    window.addEventListener('pointerdown', onPointer);
    return () => {
      root.removeEventListener('keydown', onKey);
      root.removeEventListener('focusout', onLeave);
      window.removeEventListener('pointerdown', onPointer);
    };
  };
}
