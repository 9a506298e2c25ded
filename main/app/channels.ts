/** The two channels between the page and the app: text messages of the contract, either way. */
export const TO_SERVICE = 'dendro:to-service';
export const TO_PAGE = 'dendro:to-page';
